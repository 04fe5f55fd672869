// SPDX-License-Identifier: GPL-2.0-or-later
// The lazy function 'derivation' around derivationStrict, in the language itself. Its tokens stand at the
// lines and columns where Nix's own wrapper has them, and the lines that traces quote are the same, since
// people compare traces and look for them.
#include <string.h>
#include "expr/eval-private.h"
#include "glue/glue.h"

enum { FIRST_LINE = 29 };

static const char derivation_text[] =
        "*/\n"
        "drvAttrs@{\n"
        "  outputs ? [ \"out\" ],\n"
        "  ...\n"
        "}:\n"
        "\n"
        "let\n"
        "\n"
        "  strict = derivationStrict drvAttrs;\n"
        "\n"
        "  commonAttrs =\n"
        "    drvAttrs\n"
        "    // (builtins.listToAttrs outputsList)\n"
        "    // {\n"
        "      all = map (x: x.value) outputsList;\n"
        "      inherit drvAttrs;\n"
        "    };\n"
        "\n"
        "  outputToAttrListElement = outputName: {\n"
        "    name = outputName;\n"
        "    value = commonAttrs // {\n"
        "      outPath = builtins.getAttr outputName strict;\n"
        "      drvPath = strict.drvPath;\n"
        "      type = \"derivation\";\n"
        "      inherit outputName;\n"
        "    };\n"
        "  };\n"
        "\n"
        "  outputsList = map outputToAttrListElement outputs;\n"
        "\n"
        "in\n"
        "(builtins.head outputsList).value\n";

void glue_derivation(struct eval *ev)
{
	struct buf text = {0};
	struct value v;

	buf_adds(&text, "/* What lies above is a comment in Nix's own file.");
	buf_addn(&text, '\n', FIRST_LINE - 1);
	buf_adds(&text, derivation_text);
	const struct source_file *s = eval_add_source(
	        ev, SOURCE_INTERNAL, "«nix-internal»/derivation-internal.nix", buf_str(&text), text.len);
	buf_release(&text);
	eval_top(ev, eval_parse_scoped(ev, s, "/", ev->priv->base_scope), &v);
	ev->derivation = v;
	builtin_set_attr(ev, "derivation", v);
	builtin_set_global(ev, "derivation", v);
}
