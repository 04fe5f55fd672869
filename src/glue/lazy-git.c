// SPDX-License-Identifier: GPL-2.0-or-later
// libgit2's functions, loaded at the first call, and its start: without any configuration but the
// repository's own.
#include <git2.h>
#include <git2/sys/repository.h>
#include "base/lazy.h"
#include "glue/git.h"

#define LAZY_LIBRARY KERNIX_LIBGIT2 // the version whose headers we were compiled with
#define LAZY_PURPOSE "reading git repositories"

LAZY(int, git_libgit2_init, (void), ())
LAZY(const git_error *, git_error_last, (void), ())
LAZY(int, git_repository_open_ext,
        (git_repository * *ret, const char *path, unsigned flags, const char *ceiling),
        (ret, path, flags, ceiling))
LAZY_VOID(git_repository_free, (git_repository * r), (r))
LAZY(int, git_repository_is_bare, (const git_repository *r), (r))
LAZY(int, git_repository_is_shallow, (git_repository * r), (r))
LAZY(const char *, git_repository_workdir, (const git_repository *r), (r))
LAZY(const char *, git_repository_path, (const git_repository *r), (r))
LAZY(const char *, git_repository_commondir, (const git_repository *r), (r))
LAZY(int, git_repository_index, (git_index * *ret, git_repository *r), (ret, r))
LAZY(int, git_repository_set_index, (git_repository * r, git_index *index), (r, index))
LAZY(int, git_reference_dwim, (git_reference * *ret, git_repository *r, const char *name), (ret, r, name))
LAZY(int, git_reference_peel, (git_object * *ret, const git_reference *r, git_object_t type), (ret, r, type))
LAZY(int, git_reference_lookup, (git_reference * *ret, git_repository *r, const char *name), (ret, r, name))
LAZY(git_reference_t, git_reference_type, (const git_reference *r), (r))
LAZY(const char *, git_reference_symbolic_target, (const git_reference *r), (r))
LAZY_VOID(git_reference_free, (git_reference * r), (r))
LAZY(int, git_oid_fromstr, (git_oid * ret, const char *hex), (ret, hex))
LAZY(char *, git_oid_tostr, (char *ret, size_t n, const git_oid *id), (ret, n, id))
LAZY(int, git_object_lookup, (git_object * *ret, git_repository *r, const git_oid *id, git_object_t type),
        (ret, r, id, type))
LAZY(int, git_object_peel, (git_object * *ret, const git_object *o, git_object_t type), (ret, o, type))
LAZY(const git_oid *, git_object_id, (const git_object *o), (o))
LAZY_VOID(git_object_free, (git_object * o), (o))
LAZY(int, git_commit_lookup, (git_commit * *ret, git_repository *r, const git_oid *id), (ret, r, id))
LAZY(git_time_t, git_commit_time, (const git_commit *c), (c))
LAZY(unsigned, git_commit_parentcount, (const git_commit *c), (c))
LAZY(const git_oid *, git_commit_parent_id, (const git_commit *c, unsigned n), (c, n))
LAZY(int, git_commit_tree, (git_tree * *ret, const git_commit *c), (ret, c))
LAZY_VOID(git_commit_free, (git_commit * c), (c))
LAZY_VOID(git_tree_free, (git_tree * t), (t))
LAZY(int, git_revwalk_new, (git_revwalk * *ret, git_repository *r), (ret, r))
LAZY(int, git_revwalk_push, (git_revwalk * w, const git_oid *id), (w, id))
LAZY(int, git_revwalk_next, (git_oid * ret, git_revwalk *w), (ret, w))
LAZY_VOID(git_revwalk_free, (git_revwalk * w), (w))
LAZY(int, git_status_list_new, (git_status_list * *ret, git_repository *r, const git_status_options *o),
        (ret, r, o))
LAZY(size_t, git_status_list_entrycount, (git_status_list * l), (l))
LAZY_VOID(git_status_list_free, (git_status_list * l), (l))
LAZY(int, git_index_new, (git_index * *ret), (ret))
LAZY(int, git_index_read_tree, (git_index * i, const git_tree *t), (i, t))
LAZY(size_t, git_index_entrycount, (const git_index *i), (i))
LAZY(const git_index_entry *, git_index_get_byindex, (git_index * i, size_t n), (i, n))
LAZY(const git_index_entry *, git_index_get_bypath, (git_index * i, const char *path, int stage),
        (i, path, stage))
LAZY(int, git_index_add, (git_index * i, const git_index_entry *entry), (i, entry))
LAZY(int, git_index_write, (git_index * i), (i))
LAZY(int, git_blob_create_from_buffer, (git_oid * ret, git_repository *r, const void *data, size_t len),
        (ret, r, data, len))
LAZY_VOID(git_index_free, (git_index * i), (i))
LAZY(int, git_blob_lookup, (git_blob * *ret, git_repository *r, const git_oid *id), (ret, r, id))
LAZY(const void *, git_blob_rawcontent, (const git_blob *b), (b))
LAZY(git_object_size_t, git_blob_rawsize, (const git_blob *b), (b))
LAZY_VOID(git_blob_free, (git_blob * b), (b))
LAZY(int, git_attr_get,
        (const char **ret, git_repository *r, uint32_t flags, const char *path, const char *name),
        (ret, r, flags, path, name))
LAZY(git_attr_value_t, git_attr_value, (const char *value), (value))

int git_start(struct err *e)
{
	static const int levels[] = {GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM,
	        GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL};
	int (*opts)(int, ...) = NULL;

#ifdef KERNIX_STATIC
	opts = git_libgit2_opts;
#else
	*(void **)&opts = lazy_find(LAZY_LIBRARY, LAZY_PURPOSE, "git_libgit2_opts");
#endif
	if (git_libgit2_init() < 0)
		return git_fail(e, "starting libgit2");
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		if (opts(GIT_OPT_SET_SEARCH_PATH, levels[i], "") < 0)
			return git_fail(e, "leaving out git's configuration");
#if LIBGIT2_VER_MAJOR > 1 || LIBGIT2_VER_MINOR >= 5 // older ones look at neither
	// What these say of a repository changes nothing of how it is read.
	static const char *extensions[] = {"partialclone", "worktreeconfig", "preciousobjects"};
	// Ours is stricter, and looks before anything of the repository is read (git-local.c).
	if (opts(GIT_OPT_SET_OWNER_VALIDATION, 0) < 0 ||
	        opts(GIT_OPT_SET_EXTENSIONS, extensions, ARRAY_SIZE(extensions)) < 0)
		return git_fail(e, "starting libgit2");
#endif
	return 0;
}
