// SPDX-License-Identifier: GPL-2.0-or-later
// Files that exist in the program only: what <nix/...> finds.
#include <string.h>
#include "base/str.h"
#include "glue/glue.h"

// <nix/fetchurl.nix>: a fixed-output derivation that downloads. Its attributes are those that Nix gives it,
// so that the .drv is the same.
static const char fetchurl_nix[] =
        "{ system ? \"\", url, hash ? \"\", md5 ? \"\", sha1 ? \"\", sha256 ? \"\", sha512 ? \"\"\n"
        ", outputHash ? if hash != \"\" then hash else if sha512 != \"\" then sha512 else if sha1 != \"\" "
        "then sha1\n"
        "    else if md5 != \"\" then md5 else sha256\n"
        ", outputHashAlgo ? if hash != \"\" then \"\" else if sha512 != \"\" then \"sha512\" else if sha1 != "
        "\"\" then \"sha1\"\n"
        "    else if md5 != \"\" then \"md5\" else \"sha256\"\n"
        ", executable ? false, unpack ? false, name ? baseNameOf (toString url), impure ? false }:\n"
        "derivation ({\n"
        "  builder = \"builtin:fetchurl\";\n"
        "  system = \"builtin\";\n"
        "  outputHashMode = if unpack || executable then \"recursive\" else \"flat\";\n"
        "  inherit name url executable unpack;\n"
        "  urls = [ url ];\n"
        "  preferLocalBuild = true;\n"
        "  impureEnvVars = [ \"http_proxy\" \"https_proxy\" \"ftp_proxy\" \"all_proxy\" \"no_proxy\" ];\n"
        "} // (if impure then { __impure = true; } else { inherit outputHashAlgo outputHash; }))\n";

static const struct {
	const char *path, *text;
} files[] = {
        {"<nix/fetchurl.nix>", fetchurl_nix},
};

const char *glue_internal_file(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (str_eq(path, files[i].path))
			return files[i].text;
	return NULL;
}
