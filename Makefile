# SPDX-License-Identifier: GPL-2.0-or-later
# Thin: meson and ninja do the work. `make demo` and `make test` set up everything they need (Debian 12 or newer, root, apt).
export PATH := /usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
BUILD ?= build

.PHONY: all build static lock demo test test-kconfig-all test-extra test-asan fuzz bench deps format tidy install clean

all: build

# Packages come first: the script says what it installs and is silent and quick when nothing is missing.
build:
	@tools/deps.sh build
	@test -f $(BUILD)/build.ninja || { said=$$(meson setup $(BUILD) --buildtype=release -Dwerror=$(if $(CI),true,false) 2>&1) || { echo "$$said" | tail -n 20 >&2; exit 1; }; }
	@ninja -C $(BUILD) --quiet
	@tools/links.sh $(BUILD)
	@echo "kernix is built: its commands are in $(BUILD)/bin"

# One file that needs nothing of the machine but its kernel: build-static/kernix. Debian's static libraries, and libkmod from its source (subprojects/).
static:
	@tools/deps.sh build static
	@test -f build-static/build.ninja || { said=$$(meson setup build-static --buildtype=release -Dstatic=true --wrap-mode=default 2>&1) || { echo "$$said" | tail -n 20 >&2; exit 1; }; }
	@ninja -C build-static --quiet
	@strip -o build-static/kernix.small build-static/kernix && mv build-static/kernix.small build-static/kernix
	@echo "a static kernix is built: build-static/kernix ($$(($$(stat -c %s build-static/kernix) / 1048576)) MiB); its other names are links: kernix --command-links"

# Debian's archive drops what has been superseded; this pins what it has today (*.local.json). Nothing else asks for it, and it fails nothing.
lock:
	@tools/debian-lock.sh --refresh || echo "lock: what is pinned is taken as it is" >&2
	@tools/debian-roots.sh --refresh || echo "lock: the sets of the build roots are taken as they are" >&2

demo:
	@tools/deps.sh build demo
	@$(MAKE) --no-print-directory build lock
	@tools/demo.sh $(BUILD)

test:
	@tools/deps.sh build test
	@$(MAKE) --no-print-directory build lock
	@tools/debian-lock.sh --refresh-suites || true
	@tests/run.sh $(BUILD)

test-kconfig-all: build
	@tools/deps.sh test
	@tests/kconfig/all.sh $(BUILD)

# What takes as long as everything else together: the demo's kernel once more from nothing, Debian's whole module tree in a guest.
test-extra: build
	@tools/deps.sh test extra distros static
	@tests/run.sh $(BUILD) extra

# Kills, failing system calls and power cuts at every place of every operation; COUNT, POINTS, LIMIT, JOBS: tests/faults/run.sh, power.sh.
.PHONY: test-faults
test-faults: build
	@tools/deps.sh test
	@KERNIX_BUILD=$(CURDIR)/$(BUILD) tests/faults/all.sh

# Machines of every layout (tests/machine/machines), each a Debian in QEMU: ROWS="lvm luks2" for some of them; JOBS, LIMIT: tests/machine/run.sh.
.PHONY: test-machines
test-machines: build
	@tools/deps.sh test extra
	@KERNIX_BUILD=$(CURDIR)/$(BUILD) KERNIX_SRC=$(CURDIR) tests/machine/run.sh $(ROWS)

# Other distributions: roots that debootstrap makes, arm64 under qemu-user, and one with busybox and the static kernix alone: ROWS="i386 busybox" for some.
.PHONY: test-distros
test-distros: build
	@tools/deps.sh test distros static
	@KERNIX_BUILD=$(CURDIR)/$(BUILD) KERNIX_SRC=$(CURDIR) tests/distros/run.sh

# Every parser and the evaluator's corpus under ASan and UBSan.
test-asan:
	@tools/deps.sh build test
	@test -f build-asan/build.ninja || meson setup build-asan --native-file build-dev.ini > /dev/null
	@ninja -C build-asan --quiet
	@tools/links.sh build-asan
	@ASAN_OPTIONS=detect_leaks=0 tests/run.sh build-asan asan

# Every parser with inputs that clang's libFuzzer makes up, 30 minutes each: FUZZ_SECONDS=60 FUZZ_TARGETS="json nar" FUZZ_JOBS=2 for less.
fuzz:
	@tools/deps.sh build fuzz
	@tests/fuzz/run.sh

bench: build
	@tools/deps.sh bench
	@bench/run.sh $(BUILD)
	@tools/deps.sh test
	@bench/kconfig.sh $(BUILD)
	@bench/store.sh $(BUILD)

deps:
	@tools/deps.sh build test demo extra bench

format:
	@git ls-files 'src/*.[ch]' 'tests/*.[ch]' ':!tests/wiki' | xargs clang-format -i

tidy:
	@tests/tidy/tidy.sh

install: build
	@DESTDIR=$(DESTDIR) meson install -C $(BUILD) --no-rebuild --quiet && for l in $$($(BUILD)/kernix --command-links); do ln -sfn kernix $(DESTDIR)/usr/local/bin/$$l; done

clean:
	rm -rf build build-asan build-fuzz build-static
