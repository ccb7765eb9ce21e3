# SPDX-License-Identifier: GPL-3.0-or-later
# lazy.awk - the header of a library that is loaded when it is first used (see lazy.h), from the list of what is used of it.
#
#   awk -v library=lua -f lazy.awk lazy-lua.list >lazy-lua.h

/^#include/ { includes = includes $0 "\n" }
/^[A-Za-z_]/ { names[++count] = $1 }

END {
	table = "lazy_" library
	printf "/* SPDX-License-Identifier: GPL-3.0-or-later */\n/* Made by lazy.awk from lazy-%s.list. */\n", library
	printf "#ifndef LAZY_%s_H\n#define LAZY_%s_H\n\n#include \"lazy.h\"\n%s\n", toupper(library), toupper(library), includes
	printf "struct %s {\n", table
	for (i = 1; i <= count; i++)
		printf "    __typeof__(%s) *%s;\n", names[i], names[i]
	printf "};\n\n#define %s_NAMES", toupper(table)
	for (i = 1; i <= count; i++)
		printf "%s \\\n    \"%s\"", (i > 1 ? "," : ""), names[i]
	printf "\n\nLAZY_LIBRARY(%s)\n\n", library
	for (i = 1; i <= count; i++)
		printf "#define %s (*%s()->%s)\n", names[i], table, names[i]
	print "\n#endif"
}
