// SPDX-License-Identifier: GPL-2.0-or-later
// The network, the server's name and port, and the versions from the newest on.
#include "stage1/nfs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "stage1/mounts.h"
#include "stage1/run.h"

#define NET_UP         "/sbin/net-up"
#define NSLOOKUP       "/bin/nslookup"
#define NFS_PORT       2049
#define KNOCK_MS       2000
#define KNOCK_AGAIN_MS 500
#define HOST_MAX       256

bool nfs_is_type(const char *type)
{
	return strcmp(type, "nfs") == 0 || strcmp(type, "nfs4") == 0;
}

bool nfs_split(const char *device, char *ret_host, size_t host_size, const char **ret_path)
{
	bool bracket = device[0] == '[';
	const char *start = device + bracket;
	size_t n = bracket ? strcspn(start, "]") : strcspn(start, ":/");
	const char *after = start + n + (bracket && start[n] == ']');

	if (n == 0 || n >= host_size || after[0] != ':' || after[1] != '/')
		return false;
	memcpy(ret_host, start, n);
	ret_host[n] = '\0';
	*ret_path = after + 1;
	return true;
}

static const char *word_value(const struct cmdline *c, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = c->word_count; i-- > 0;)
		if (strncmp(c->words[i], name, n) == 0 && c->words[i][n] == '=')
			return c->words[i] + n + 1;
	return NULL;
}

bool nfs_root(
        const struct cmdline *c, char *ret_device, size_t device_size, char *ret_options, size_t options_size)
{
	const char *value = word_value(c, "nfsroot"), *ip = word_value(c, "ip");
	int server_len = 0;

	if (!value)
		return false;
	int n = (int)strcspn(value, ",");
	snprintf(ret_options, options_size, "%s", value[n] ? value + n + 1 : "defaults");
	if (value[0] != '/') {
		snprintf(ret_device, device_size, "%.*s", n, value);
		return true;
	}
	const char *server = ip ? strchr(ip, ':') : NULL;
	if (server)
		server_len = (int)strcspn(++server, ":");
	if (server_len == 0)
		return false;
	snprintf(ret_device, device_size, "%.*s:%.*s", server_len, server, n, value);
	return true;
}

// --- the server ---

// The first address that follows the name in nslookup's answer.
static bool address_in(char *answer, char *ret, size_t size)
{
	struct in_addr four;
	char *rest = strstr(answer, "Name:");

	for (char *word = strsep(&rest, " \t\r\n"); word; word = strsep(&rest, " \t\r\n"))
		if (inet_pton(AF_INET, word, &four) == 1) {
			snprintf(ret, size, "%s", word);
			return true;
		}
	return false;
}

// An address stays one; a name is looked up by the DNS servers that DHCP or ip= named.
static bool resolve(const char *host, char *ret, size_t size)
{
	char answer[2048], addresses[16];
	const char *const argv[] = {NSLOOKUP, host, NULL};
	struct run_opts o = {.out = answer, .out_size = sizeof(answer)};

	if (inet_pton(AF_INET, host, addresses) == 1 || inet_pton(AF_INET6, host, addresses) == 1) {
		snprintf(ret, size, "%.*s", (int)size - 1, host);
		return true;
	}
	return host[0] != '-' && run_program((char *const *)argv, &o) >= 0 && address_in(answer, ret, size);
}

// Connects and closes: 0 or negative errno.
static int knock_once(const char *address, int port)
{
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
	bool is_four = inet_pton(AF_INET, address, &four.sin_addr) == 1;
	socklen_t len = sizeof(int);
	int error = 0;

	if (!is_four && inet_pton(AF_INET6, address, &six.sin6_addr) != 1)
		return -EINVAL;
	int fd = socket(is_four ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	int r = connect(fd, is_four ? (struct sockaddr *)&four : (struct sockaddr *)&six,
	        is_four ? sizeof(four) : sizeof(six));
	if (r < 0 && errno == EINPROGRESS) {
		struct pollfd p = {.fd = fd, .events = POLLOUT};

		error = poll(&p, 1, KNOCK_MS) <= 0                               ? ETIMEDOUT
		        : getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 ? errno
		                                                                 : error;
	} else if (r < 0) {
		error = errno;
	}
	close(fd);
	return -error;
}

// Until the server answers, as long as for any device: a kernel that mounts would wait for minutes.
static int knock(const struct loader *l, const char *address, int port)
{
	struct timespec pause = {.tv_nsec = KNOCK_AGAIN_MS * 1000000L};
	time_t end = time(NULL) + l->cmdline->wait_s;
	bool told = false;
	int r = knock_once(address, port);

	while (r < 0 && (l->cmdline->wait_s < 0 || time(NULL) < end)) {
		if (!told)
			say_person(l->say, "stage 1 waits for the NFS server %s, port %d", address, port);
		told = true;
		nanosleep(&pause, NULL);
		r = knock_once(address, port);
	}
	return r;
}

// --- mounting ---

static int try_versions(
        const char *device, const char *where, const char *type, unsigned long flags, const char *data)
{
	// What an older server or kernel says to a version that it does not have counts for nothing.
	static const char *const versions[] = {"vers=4.2", "vers=4.1", "vers=4.0", "vers=3,nolock"};
	bool named = mount_option_find(data, "vers", NULL, 0) ||
	             mount_option_find(data, "nfsvers", NULL, 0) ||
	             mount_option_find(data, "minorversion", NULL, 0);
	size_t n = named ? 1 : strcmp(type, "nfs4") == 0 ? 3 : 4;
	char all[4608];
	int r = -EPROTONOSUPPORT;

	for (size_t i = 0; i < n; i++) {
		snprintf(all, sizeof(all), "%s%s%s", data, named ? "" : ",", named ? "" : versions[i]);
		if (mount(device, where, type, flags, all) == 0)
			return 0;
		if (r == -EPROTONOSUPPORT || r == -EINVAL)
			r = -errno;
	}
	return r;
}

static const char *hint(int error)
{
	return error == EACCES || error == EPERM ? " (the server does not export it to this machine)"
	       : error == ENOENT                 ? " (the server has no such path)"
	       : error == EPROTONOSUPPORT ? " (the server speaks no version of NFS that this kernel does)"
	       : error == ENODEV          ? " (this kernel and initrd have no NFS)"
	                                  : "";
}

static int mount_from(struct loader *l, const char *device, const char *address, const char *where,
        const char *type, const char *options, char *ret_why, size_t why_size)
{
	char data[4096], all[4352];
	unsigned long flags;

	if (!mount_options_parse(options, &flags, data, sizeof(data)))
		return -E2BIG;
	snprintf(all, sizeof(all), "%s%saddr=%s", data, *data ? "," : "", address);
	mount_load_type(l, "nfs");
	mkdir_parents(where);
	int r = try_versions(device, where, type, flags, all);
	if (r < 0)
		snprintf(ret_why, why_size, "%s%s", strerror(-r), hint(-r));
	return r;
}

int nfs_mount(struct loader *l, const char *device, const char *where, const char *type, const char *options,
        char *ret_why, size_t why_size)
{
	const char *const net_up[] = {NET_UP, NULL};
	char host[HOST_MAX], address[64], port[8];
	const char *path;

	if (!nfs_split(device, host, sizeof(host), &path)) {
		snprintf(ret_why, why_size, "an NFS device is written SERVER:/PATH");
		return -EINVAL;
	}
	int r = run_logged(l->say, (char *const *)net_up);
	if (r == RUN_NO_PROGRAM) {
		snprintf(ret_why, why_size, "this initrd has no network (boot.initrd.network.enable)");
		return -ENETDOWN;
	}
	if (r != 0)
		say_person(l->say, "stage 1: the network did not come up; %s is tried all the same", device);
	if (!resolve(host, address, sizeof(address))) {
		snprintf(ret_why, why_size, "no DNS server knows %s", host);
		return -EHOSTUNREACH;
	}
	if (!mount_option_find(options, "port", port, sizeof(port)))
		snprintf(port, sizeof(port), "%d", NFS_PORT);
	r = knock(l, address, (int)strtol(port, NULL, 10));
	if (r < 0) {
		snprintf(ret_why, why_size, "the server %s does not answer at port %s: %s", address, port,
		        strerror(-r));
		return r;
	}
	return mount_from(l, device, address, where, type, options, ret_why, why_size);
}
