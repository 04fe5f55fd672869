// SPDX-License-Identifier: GPL-2.0-or-later
// The lazy function 'derivation' around derivationStrict, in the language itself. Its tokens stand at the
// lines and columns where Nix's own wrapper has them, since traces and --xml name these.
#include <string.h>
#include "expr/eval-private.h"
#include "glue/glue.h"

enum { FIRST_LINE = 30 };

static const char derivation_text[] =
        "drvAttrs@{ outputs ? [ \"out\" ], ... }:\n"
        "\n\n"
        "# Nothing of the derivation itself is evaluated until a path is asked for.\n"
        "let\n"
        "\n\n"
        "  strict = derivationStrict drvAttrs;\n"
        "\n"
        "  shared =\n"
        "    drvAttrs\n"
        "    // (builtins.listToAttrs perOutput__\n"
        "    // {\n"
        "      all = map (x: x.value) perOutput__;\n"
        "      inherit drvAttrs;\n"
        "    });\n"
        "\n"
        "  oneOutput = outputName: {\n"
        "    name = outputName;\n"
        "    value = shared // {\n"
        "      outPath = strict.${outputName};\n"
        "      drvPath = strict.drvPath;\n"
        "      type = \"derivation\";\n"
        "      inherit outputName;\n"
        "    };\n"
        "  };\n"
        "\n"
        "  perOutput__ = map oneOutput outputs;\n"
        "\n"
        "in\n"
        "(builtins.head perOutput__).value\n";

void glue_derivation(struct eval *ev)
{
	struct buf text = {0};
	struct value v;

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
