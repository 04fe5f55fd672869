// SPDX-License-Identifier: GPL-2.0-or-later
// Runs git with settings made from nothing.
#include "build/gitrun.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/gitname.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"

// Settings in a file, not in variables: git hands it on to the programs that it starts itself, which serve a
// local repository or fetch a submodule. Local repositories belong to other users than the one that builds.
static const char gitrun_settings[] =
        "[init]\n\tdefaultBranch = main\n"
        "[core]\n\thooksPath = /dev/null\n\tfsmonitor = false\n"
        "\tattributesFile = /dev/null\n\texcludesFile = /dev/null\n\taskPass =\n"
        "[credential]\n\thelper =\n"
        "[gc]\n\tauto = 0\n"
        "[maintenance]\n\tauto = false\n"
        "[advice]\n\tdetachedHead = false\n"
        "[safe]\n\tdirectory = *\n\tbareRepository = explicit\n"
        "[protocol]\n\tallow = never\n";

static const char *const gitrun_vars[] = {
        "GIT_CONFIG_NOSYSTEM=1",
        "GIT_ATTR_NOSYSTEM=1",
        "GIT_TERMINAL_PROMPT=0",
        // There is nobody to ask about a host's key; the hash of the output decides.
        ("GIT_SSH_COMMAND=ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=no "
         "-o UserKnownHostsFile=/dev/null"),
};

// A string in git's configuration format.
static void gitrun_quote(struct buf *b, const char *text)
{
	buf_addc(b, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_addc(b, '\\');
		buf_addc(b, *text);
	}
	buf_addc(b, '"');
}

static int gitrun_write_settings(
        const char *config, const char *local_url, const char *local_path, struct err *e)
{
	_cleanup_buf_ struct buf b = {0};
	_cleanup_close_ int fd = fs_open(config, O_WRONLY | O_CREAT | O_EXCL, 0644, e);

	if (fd < 0)
		return fd;
	buf_adds(&b, gitrun_settings);
	for (const char *const *p = gitname_protocols; *p; p++)
		buf_addf(&b, "[protocol \"%s\"]\n\tallow = always\n", *p);
	if (local_url) {
		buf_addf(&b, "[url \"%s\"]\n\tinsteadOf = ", local_path);
		gitrun_quote(&b, local_url);
		buf_addc(&b, '\n');
	}
	return fs_write_all(fd, buf_str(&b), b.len, config, e);
}

int gitrun_init(struct gitrun *g, const char *config, const char *local_url, const char *local_path,
        char *const *env, struct err *e)
{
	char *git = proc_which("git");

	if (!git)
		return err_set(e, -ENOENT, "git is not installed");
	int r = gitrun_write_settings(config, local_url, local_path, e);
	if (r < 0) {
		mem_free(git);
		return r;
	}
	*g = (struct gitrun){.git = git};
	strv_for_each (v, env) {
		const char *certificates = str_after(v, "NIX_SSL_CERT_FILE=");
		if (!certificates)
			certificates = str_after(v, "SSL_CERT_FILE=");
		strv_add(&g->env, v);
		if (certificates) // the first one counts
			strv_take(&g->env, str_printf("GIT_SSL_CAINFO=%s", certificates));
	}
	for (size_t i = 0; i < ARRAY_SIZE(gitrun_vars); i++)
		strv_add(&g->env, gitrun_vars[i]);
	strv_take(&g->env, str_printf("GIT_CONFIG_GLOBAL=%s", config));
	return 0;
}

void gitrun_release(struct gitrun *g)
{
	mem_free(g->git);
	strv_free(g->env);
	*g = (struct gitrun){0};
}

int gitrun(const struct gitrun *g, const char *dir, const char *const *words, const char *input,
        struct buf *out, struct err *e)
{
	_cleanup_strv_ char **argv = NULL;
	const struct proc_opts opts = {.cwd = dir,
	        .env = g->env,
	        .input = input,
	        .input_len = input ? strlen(input) : 0,
	        .out = out};

	strv_add(&argv, g->git);
	for (; *words; words++)
		strv_add(&argv, *words);
	return proc_run_ok(argv, &opts, e);
}
