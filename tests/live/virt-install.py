#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents of guests, by Debian's virt-install and by hvsh, from the same command lines on the same connection.

    virt-install.py HVSH URI CASES [TEXT...]      only the lines with one of the texts

Each line of CASES is what follows "install". Both must print the same documents, or both refuse. A line that begins with "other:" is one
where hvsh is another on purpose, said in the comment above it. Elements of one kind keep their order, attributes have none; what each run
makes up (addresses of cards, names of copies) is left out. HVSH_ALL_SYSTEMS=1 compares every system of the database instead of one in ten.
"""
import contextlib
import difflib
import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

sys.path.insert(0, "/usr/share/virt-manager")
try:
    import virtinst
    from virtinst import virtinstall
except ImportError as error:
    print("SKIPPED: virt-install is missing: ./autogen.sh check-live installs it (%s)" % error)
    sys.exit(77)

UUID = "11111111-2222-3333-4444-555555555555"


def words_of(line):
    words = shlex.split(line)
    if "--name" not in words:
        words = ["--name", "d"] + words
    if "--uuid" not in words and "uuid=" not in line:
        words = ["--uuid", UUID] + words
    return words if "--print-xml" in words else words + ["--print-xml"]


def by_virt_install(uri, line):
    out, err = io.StringIO(), io.StringIO()
    sys.argv = ["virt-install", "--connect", uri, "--dry-run"] + words_of(line)
    virtinst.reset_logging()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            virtinstall.main()
        except SystemExit:
            pass
        except Exception as error:
            err.write("ERROR %s" % error)
    return out.getvalue(), err.getvalue()


def by_hvsh(hvsh, uri, lines):
    """One shell for all: output and errors of each line, between marks."""
    with tempfile.NamedTemporaryFile("w", suffix=".hvsh") as script:
        for number, line in enumerate(lines):
            script.write("echo '@@%d@@'\necho --err '@@%d@@'\n" % (number, number))
            script.write("install %s\n" % " ".join(shlex.quote(word) for word in words_of(line)))
        script.flush()
        run = subprocess.run([hvsh, "-q", "-c", uri, "-f", script.name], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    out, err = re.split(r"@@(\d+)@@", run.stdout), re.split(r"error: @@(\d+)@@\n?", run.stderr)
    outs = dict(zip(map(int, out[1::2]), out[2::2]))
    errs = dict(zip(map(int, err[1::2]), err[2::2]))
    return [(outs.get(number, ""), errs.get(number, "hvsh has ended with status %d" % run.returncode)) for number in range(len(lines))]


def rows_of(element, depth=0):
    def tag(node):
        return re.sub(r"^\{.*\}", "", node.tag)

    attributes = " ".join('%s="%s"' % pair for pair in sorted(element.attrib.items()))
    rows = ["%s%s %s %s" % ("  " * depth, tag(element), attributes, (element.text or "").strip())]
    for child in sorted(element, key=tag):
        rows += rows_of(child, depth + 1)
    return rows


def documents(text):
    rows = []
    text = re.sub(r'(<mac address=")[^"]*', r"\1", text)
    text = re.sub(r"<(kernel|initrd)>/[^<]*/(virtinst|hvsh)-[^<]*", r"<\1>", text)
    for document in re.findall(r"<domain.*?</domain>", text, re.S):
        rows += rows_of(ET.fromstring(document)) + ["----"]
    return rows


def main():
    hvsh, uri, file, wanted = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
    cases = [line.strip() for line in open(file) if line.strip() and not line.startswith("#")]
    systems = [system.name for system in virtinst.OSDB.list_os()]
    for name in systems[::1 if os.environ.get("HVSH_ALL_SYSTEMS") else 10]:
        cases.append("--memory 2048 --disk size=1 --pxe --network default --osinfo " + name)
    cases = [line for line in cases if not wanted or any(text in line for text in wanted)]
    lines = [re.sub("^other: *", "", line) for line in cases]
    wrong = 0
    for case, line, (our_out, our_err) in zip(cases, lines, by_hvsh(hvsh, uri, lines)):
        their_out, their_err = by_virt_install(uri, line)
        theirs, ours = documents(their_out), documents(our_out)
        same = theirs == ours and (bool(ours) or "has ended" not in our_err)
        if same != case.startswith("other:"):
            continue
        wrong += 1
        print("FAILED: install %s" % line)
        if same:
            print("  is the same as virt-install's, and not another on purpose")
        elif theirs and ours:
            print("\n".join("  " + row for row in difflib.unified_diff(theirs, ours, "virt-install", "hvsh", lineterm="", n=1)))
        else:
            print("  virt-install: %s\n  hvsh: %s" % ("a document" if theirs else their_err.strip(), "a document" if ours else our_err.strip()))
    print("%d command lines compared, %d are not as they should be" % (len(cases), wrong))
    return 1 if wrong or not cases else 0


sys.exit(main())
