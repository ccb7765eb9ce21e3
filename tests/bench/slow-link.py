#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""slow-link.py LISTEN TARGET MS - a socket through which everything takes so many milliseconds, there and back together.

What comes is passed on half of the time later, in both directions, however much is under way: as on a long line, not a thin one. It says
"ready" when it listens and ends with its standard input.
"""
import asyncio
import sys

listen, target, delay = sys.argv[1], sys.argv[2], float(sys.argv[3]) / 2000


async def carry(reader, writer):
    loop = asyncio.get_running_loop()
    while True:
        data = await reader.read(1 << 16)
        if not data:
            break
        loop.call_later(delay, writer.write, data)
    loop.call_later(delay, writer.close)


async def serve(reader, writer):
    there = await asyncio.open_unix_connection(target)
    await asyncio.gather(carry(reader, there[1]), carry(there[0], writer), return_exceptions=True)


async def main():
    server = await asyncio.start_unix_server(serve, listen)
    print('ready', flush=True)
    async with server:
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
