// SPDX-License-Identifier: GPL-2.0-or-later
// Netlink uevents and the coldplug walk.
#include "stage1/uevent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WALK_DEPTH_MAX   48
#define RECEIVE_BUFFER   (4 << 20)
#define POLL_INTERVAL_MS 200

// The kernel's numbers: musl-gcc sees no linux/ headers.
#define KOBJECT_UEVENT 15
struct netlink_address {
	uint16_t family, padding;
	uint32_t port, groups;
};

bool uevent_parse(const char *msg, size_t len, struct uevent *ret)
{
	struct uevent u = {0};
	static const char *const keys[] = {"ACTION=", "SUBSYSTEM=", "MODALIAS=", "DEVNAME="};
	const char **values[] = {&u.action, &u.subsystem, &u.modalias, &u.devname};

	if (len == 0 || msg[len - 1] != '\0' || !memchr(msg, '@', strlen(msg)))
		return false;
	for (const char *p = msg + strlen(msg) + 1; p < msg + len; p += strlen(p) + 1)
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			if (strncmp(p, keys[i], strlen(keys[i])) == 0)
				*values[i] = p + strlen(keys[i]);
	*ret = u;
	return u.action != NULL;
}

int uevent_open(void)
{
	struct netlink_address address = {.family = AF_NETLINK, .groups = 1};
	int size = RECEIVE_BUFFER;
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, KOBJECT_UEVENT);

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		int saved = errno;
		close(fd);
		return -saved;
	}
	return fd;
}

static size_t load_file(struct loader *l, int dir_fd)
{
	char alias[1024];
	int fd = openat(dir_fd, "modalias", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, alias, sizeof(alias) - 1) : 0;

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return 0;
	alias[n] = '\0';
	alias[strcspn(alias, "\n")] = '\0';
	return *alias ? loader_load_alias(l, alias, MODULE_BY_DEVICE) : 0;
}

// Takes over fd.
static size_t walk(struct loader *l, int fd, int depth)
{
	size_t count = load_file(l, fd);
	DIR *dir = fdopendir(fd);

	if (!dir) {
		close(fd);
		return count;
	}
	for (struct dirent *e = readdir(dir); e && depth < WALK_DEPTH_MAX; e = readdir(dir)) {
		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		int child = openat(dirfd(dir), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (child >= 0)
			count += walk(l, child, depth + 1);
	}
	closedir(dir);
	return count;
}

size_t uevent_coldplug(struct loader *l, const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 ? walk(l, fd, 0) : 0;
}

// One message; false when there is none left. An overrun queue (ENOBUFS) means that some are lost: walk.
static bool receive_one(struct loader *l, int fd, bool *ret_block)
{
	char msg[8192];
	struct netlink_address from = {0};
	socklen_t from_len = sizeof(from);
	ssize_t n = recvfrom(fd, msg, sizeof(msg), MSG_DONTWAIT, (struct sockaddr *)&from, &from_len);
	struct uevent u;

	if (n < 0 && errno == ENOBUFS) {
		uevent_coldplug(l, "/sys/devices");
		*ret_block = true;
		return true;
	}
	if (n < 0)
		return errno == EINTR;
	// Only the kernel (port 0) is believed.
	if (from.port != 0 || !uevent_parse(msg, (size_t)n, &u))
		return true;
	if (u.modalias && strcmp(u.action, "remove") != 0)
		loader_load_alias(l, u.modalias, MODULE_BY_DEVICE);
	if (u.subsystem && strcmp(u.subsystem, "block") == 0)
		*ret_block = true;
	return true;
}

void uevent_wait(struct loader *l, int fd, int timeout_ms, bool *ret_block)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	*ret_block = false;
	if (fd < 0) {
		int ms = timeout_ms < POLL_INTERVAL_MS ? timeout_ms : POLL_INTERVAL_MS;
		nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
		uevent_coldplug(l, "/sys/devices");
		*ret_block = true;
		return;
	}
	if (poll(&p, 1, timeout_ms) <= 0)
		return;
	while (receive_one(l, fd, ret_block))
		;
}
