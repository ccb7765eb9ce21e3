# SPDX-License-Identifier: GPL-3.0-or-later
# plugin-manual.awk - hvsh-plugin(3) from include/hvsh.h: its sections are the page's, its comments the text, its declarations the
# examples. So the header stays the one place where the contract is written.
#   awk -v version=1.0 -f plugin-manual.awk include/hvsh.h

function roff(text) {
	gsub(/\\/, "\\e", text)
	gsub(/-/, "\\-", text)
	if (text ~ /^[.']/)
		text = "\\\\&" text
	return text
}
function flush_code(   i, first, last) {
	first = 1; last = n
	while (first <= n && code[first] ~ /^ *$/) first++
	while (last >= first && code[last] ~ /^ *$/) last--
	if (started && first <= last) {
		print ".PP\n.RS 2\n.nf"
		for (i = first; i <= last; i++)
			print roff(code[i])
		print ".fi\n.RE"
	}
	n = 0
}
# A comment's line: what is indented by four or more, or begins with a dash, stands as it is written.
function comment(text) {
	if (text ~ /^ *$/) { end_as_is(); print ".PP"; return }
	if (text ~ /^(    | *- )/) {
		if (!as_is) print ".PP\n.nf"
		as_is = 1
		print roff(text)
		return
	}
	end_as_is()
	sub(/^ +/, "", text)
	print roff(text)
}
function end_as_is() {
	if (as_is) print ".fi"
	as_is = 0
}
BEGIN {
	printf ".TH HVSH\\-PLUGIN 3 \"\" \"hvsh %s\" \"The hypervisor shell\"\n", version
	print ".SH NAME\nhvsh\\-plugin \\- write commands for the hypervisor shell\n.SH SYNOPSIS\n.nf"
	print "#include <hvsh.h>\n\ncc \\-shared \\-fPIC $(pkg\\-config \\-\\-cflags hvsh libvirt) hello.c \\-o hello.so\n.fi\n.SH DESCRIPTION"
	started = 1
}
/^\/\* SPDX/ || /^#(ifndef|define|endif|include|if|else|elif).*HVSH_H/ { next }
/^\/\* ---- .* -+ \*\/$/ {
	flush_code()
	title = $0
	sub(/^\/\* -+ /, "", title); sub(/ -+ \*\/$/, "", title)
	print ".SH " toupper(roff(title))
	next
}
# comments that stand on lines of their own at the margin are text
/^\/\*/ && !inside {
	flush_code()
	text = $0
	sub(/^\/\*/, "", text)
	print ".PP"
	if (text ~ /\*\/ *$/) { sub(/ *\*\/ *$/, "", text); comment(text); end_as_is() }
	else { inside = 1; if (text !~ /^ *$/) comment(text) }
	next
}
inside {
	text = $0
	sub(/^ \*/, "", text)
	if (text ~ /^\/ *$/ || text ~ /\*\/ *$/) {
		inside = 0
		sub(/\/ *$/, "", text); sub(/ *\*$/, "", text)
		if (text !~ /^ *$/) comment(text)
		end_as_is()
		next
	}
	comment(text)
	next
}
{ text = $0; sub(/^HVSH_PUBLIC /, "", text); code[++n] = text }
END {
	n--	# the header's own #endif
	flush_code()
	print ".SH SEE ALSO\n.BR hvsh (1),\n.BR hvsh\\-lua (3)"
}
