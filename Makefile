# SPDX-License-Identifier: Apache-2.0
#
# auditshared: one makefile, everything under build/.
#
#   make              the two programs            make check        every test, "N passed, N failed" last
#   make demo         the whole story, simulated  make bench        the figures of the README, RUNS=N, BENCH="s1 signer"
#   make bench-check  instructions counted against tests/bench/instructions.json; UPDATE=1 writes it
#   make soak SEEDS=N histories of weeks with faults, against a model of Audit Manager
#   make endurance PASSES=N   nothing grows with passes, nor beyond what auditshared(8) says for a million records
#   make install      DESTDIR and PREFIX count    make V=1          with the commands shown
#   make torture      each failure, each kill     make asan       with sanitizers, in build/asan
#   make coverage     which lines and branches of daemon/ the tests reach, in build/coverage/*.txt
#   make fuzz         each parser of what comes from outside, SECONDS=N of it
#   make deb          a package for Debian        make rpm          one for Fedora, both in build/packages/

VERSION := 0.1.0
SECONDS ?= 60
SEEDS   ?= 2000
SEED    ?= 1
PASSES  ?= 10000

O       ?= build
CC      ?= cc
PYTHON  ?= /usr/bin/python3
Q       := $(if $(V),,@)
say      = $(if $(V),,@printf '  %-6s %s\n' '$(1)' '$(2)')

LIBS       := libcurl yaml-0.1 jansson libcrypto libsystemd expat
SIM_LIBS   := libmicrohttpd jansson libcrypto
WARNINGS   := -pedantic -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
              $(if $(CI),-Werror)
OPTIMIZE   ?= -O2 -g
# CPPFLAGS, CFLAGS and LDFLAGS are for who builds: from the environment or the command line, they come last and win.
NEEDED_CPP := -D_GNU_SOURCE -DAUDITSHARED_VERSION='"$(VERSION)"'
NEEDED_C    = -std=c17 $(OPTIMIZE) $(WARNINGS) $(HARDEN_C) $(SANITIZE)

NEEDS_LIBS := $(filter-out clean format install-deps,$(or $(MAKECMDGOALS),all))
ifneq ($(NEEDS_LIBS),)
LIB_CFLAGS  = $(shell pkg-config --cflags $(LIBS))
LIB_LDLIBS  = $(shell pkg-config --libs $(LIBS))
SIM_LDLIBS  = $(shell pkg-config --libs $(SIM_LIBS)) -lm

# What an attacker would have to get round. Sanitizers bring their own checks, and not every compiler has all of these. No
# folder of this machine stands in what is built: the same sources give the same bytes.
can         = $(shell echo 'int main(void);' | $(CC) -Werror $(1) -c -x c -o /dev/null - 2>/dev/null && echo '$(1)')
FORTIFY    := $(if $(SANITIZE)$(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
HARDEN_C   := -fPIE -fstack-protector-strong -ffile-prefix-map=$(CURDIR)=. $(if $(findstring -O,$(OPTIMIZE)),$(FORTIFY)) \
              $(call can,-fstack-clash-protection) $(call can,-fcf-protection=full) \
              $(if $(SANITIZE),,$(call can,-ftrivial-auto-var-init=zero))
HARDEN_LD  := -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack
endif

LIB_SRC    := $(filter-out daemon/auditshared.c daemon/ctl/%,$(wildcard daemon/*.c daemon/*/*.c))
CTL_SRC    := $(wildcard daemon/ctl/*.c)
SIM_SRC    := $(wildcard tests/simulator/*.c)
DRIVER_SRC := $(wildcard tests/driver/*.c)
UNIT_MAIN  := $(wildcard tests/unit/test-*.c)
FUZZ_MAIN  := $(wildcard tests/fuzz/fuzz-*.c)
BENCH_SRC  := $(wildcard tests/bench/bench-*.c)

comma      := ,
objects     = $(patsubst %.c,$(O)/obj/%.o,$(1))
LIB        := $(O)/libauditshared.a

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all tests check check-unit check-fuzz check-integration check-layers check-format demo session bench bench-check coverage fuzz torture check-soak soak endurance \
        asan valgrind lint format install clean deps dist deb rpm

all: $(O)/auditshared $(O)/auditsharectl

$(O)/obj/%.o: %.c Makefile
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(NEEDED_CPP) $(if $(filter tests/simulator/%,$<),-Itests/simulator,-Idaemon -Itests -Itests/unit -Itests/driver) \
		$(LIB_CFLAGS) $(NEEDED_C) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(LIB): $(call objects,$(LIB_SRC))
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

define program
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(HARDEN_LD) $(SANITIZE) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(1)
endef

$(O)/auditshared: $(call objects,daemon/auditshared.c) $(LIB)
	$(call program,$(LIB_LDLIBS))
$(O)/auditsharectl: $(call objects,$(CTL_SRC)) $(LIB)
	$(call program,$(LIB_LDLIBS))
$(O)/tests/simulator: $(call objects,$(SIM_SRC))
	$(call program,$(SIM_LDLIBS))
$(O)/tests/driver: $(call objects,$(DRIVER_SRC)) $(LIB)
	$(call program,$(LIB_LDLIBS))

# A test of two files: test-NAME.c with main(), test-NAME-*.c beside it.
UNIT_EXTRA := tests/unit/test-decide-table.c tests/unit/test-decide-sweep.c
UNIT_TESTS := $(patsubst tests/unit/%.c,$(O)/tests/%,$(filter-out $(UNIT_EXTRA),$(UNIT_MAIN)))
$(O)/tests/test-decide: $(call objects,$(wildcard $(UNIT_EXTRA)))
$(O)/tests/test-client: $(call objects,tests/unit/script-server.c)
$(O)/tests/test-%: $(O)/obj/tests/unit/test-%.o $(LIB)
	$(call program,$(LIB_LDLIBS) -lpthread)

# Fuzzers read what auditsharectl reads, too.
CTL_LIB    := $(O)/libauditsharectl.a
$(CTL_LIB): $(call objects,$(filter-out daemon/ctl/auditsharectl.c,$(CTL_SRC)))
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

# Each fuzzer is also a program that replays its corpus, with any compiler.
REPLAYS    := $(patsubst tests/fuzz/%.c,$(O)/tests/replay-%,$(FUZZ_MAIN))
$(O)/tests/replay-fuzz-%: $(O)/obj/tests/fuzz/fuzz-%.o $(O)/obj/tests/fuzz/replay.o $(CTL_LIB) $(LIB)
	$(call program,$(LIB_LDLIBS))
$(O)/tests/bench-%: $(O)/obj/tests/bench/bench-%.o $(LIB)
	$(call program,$(LIB_LDLIBS))

# Nothing but itself: what it starts is measured from what it is.
$(O)/tests/bench-run: $(O)/obj/tests/bench/bench-run.o
	$(call program)
# What planning allocates is counted.
PLAN_WRAP  := malloc calloc realloc reallocarray
$(O)/tests/bench-plan: $(O)/obj/tests/bench/bench-plan.o $(LIB)
	$(call program,$(LIB_LDLIBS) $(PLAN_WRAP:%=-Wl$(comma)--wrap=%))

# Whatever the program is built with: a tool that runs within it, or beside it, is plain.
TORTURE_TOOLS := $(O)/tests/torture-preload.so $(O)/tests/torture-tracer
TURNS         := $(O)/tests/turns-preload.so
$(O)/tests/torture-preload.so: tests/torture/preload.c
$(O)/tests/torture-tracer: tests/torture/tracer.c
$(O)/tests/turns-preload.so: tests/limits/turns-preload.c
$(TORTURE_TOOLS): tests/torture/state.h
$(TORTURE_TOOLS) $(TURNS):
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -D_GNU_SOURCE -std=c17 -O1 -g -fno-inline $(WARNINGS) $(if $(filter %.so,$@),-fPIC -shared) -o $@ $(filter %.c,$^) -ldl

# Histories against a model: what the library writes with goes through hooks.
SOAK_SRC   := $(wildcard tests/soak/*.c)
SOAK_WRAP  := journal_send write fdatasync fsync renameat
$(O)/tests/soak: $(call objects,$(SOAK_SRC)) $(LIB)
	$(call program,$(LIB_LDLIBS) $(SOAK_WRAP:%=-Wl$(comma)--wrap=%))

tests: all $(O)/tests/soak $(O)/tests/simulator $(O)/tests/driver $(UNIT_TESTS) $(REPLAYS) $(TORTURE_TOOLS) $(TURNS) \
       $(patsubst tests/bench/%.c,$(O)/tests/%,$(BENCH_SRC))

# --- tests -----------------------------------------------------------------------------------------------------------

deps:
	$(Q)packaging/install-deps $(DEPS)

check: DEPS := test
check:
	$(Q)$(MAKE) --no-print-directory deps DEPS=test
	$(Q)$(MAKE) --no-print-directory tests deb rpm
	$(Q)tests/run-check $(O)

check-unit: tests
	$(Q)tests/run-check $(O) unit
check-fuzz: tests
	$(Q)tests/run-check $(O) fuzz
check-integration: tests
	$(Q)tests/run-check $(O) integration
check-soak: $(O)/tests/soak
	$(Q)tests/run-check $(O) soak
check-layers:
	$(Q)tests/run-check $(O) layers

# Every point at which something can fail or be killed; check takes a sample of them.
torture: tests
	$(Q)TORTURE="$(or $(TORTURE),all)" tests/run-check $(O) torture

# Nothing grows over PASSES passes with changes among them; and a listing of a million records.
endurance: tests
	$(Q)tests/limits/endurance $(O) $(PASSES)

# What the README shows of a terminal, anew.
session: tests
	$(Q)$(PYTHON) -B tests/demo/session.py $(O)

demo:
	$(Q)$(MAKE) --no-print-directory deps DEPS=demo
	$(Q)$(MAKE) --no-print-directory all $(O)/tests/simulator
	$(Q)tests/demo/run $(O)

# Figures of this machine beside the same work by others, in $(O)/bench.json. What could not be measured says so.
BENCH      ?= all
RUNS       ?= 5
BENCHES    := all $(patsubst tests/bench/%.c,$(O)/tests/%,$(BENCH_SRC))
bench:
	$(Q)$(MAKE) --no-print-directory deps DEPS=bench
	$(Q)$(MAKE) --no-print-directory $(BENCHES)
	$(Q)$(PYTHON) -B tests/bench/run.py $(O) $(RUNS) $(BENCH)

# Instructions, which another program on the machine does not change: more than 3 in a hundred fail it.
bench-check:
	$(Q)$(MAKE) --no-print-directory deps DEPS=bench
	$(Q)$(MAKE) --no-print-directory $(BENCHES)
	$(Q)$(PYTHON) -B tests/bench/check.py $(O) '$(CC) $(OPTIMIZE) $(SANITIZE)' $(if $(UPDATE),update)

# Histories of weeks against a model of Audit Manager, from SEED on; build/tests/soak SEED shows one.
soak: $(O)/tests/soak
	$(Q)tests/soak/run $(O) $(SEEDS) $(SEED)

# libFuzzer, SECONDS each, as many at a time as there are processors (or JOBS); what it finds is in build/fuzz/findings.
# FUZZERS='memory plan-file' is these alone.
fuzz:
	$(Q)$(MAKE) --no-print-directory deps DEPS=fuzz
	$(Q)$(MAKE) --no-print-directory O=$(O)/fuzz CC=clang OPTIMIZE='-O1 -g' \
		SANITIZE='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' fuzzers
	$(Q)tests/fuzz/run $(O)/fuzz $(SECONDS) $(FUZZERS)

fuzzers: $(patsubst tests/fuzz/%.c,$(O)/%,$(FUZZ_MAIN))
$(O)/fuzz-%: $(O)/obj/tests/fuzz/fuzz-%.o $(CTL_LIB) $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(SANITIZE) $(LDFLAGS) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIB_LDLIBS)

# Where a plain mutator would not get behind syntax and checksums: which fuzzers each of the others is for.
mutator     = $(addprefix $(O)/fuzz-,$(2)): $(call objects,$(1:%=tests/fuzz/%.c))
$(call mutator,mutate-lines json-tree,http-headers profile-chain profile-file settings shares)
$(call mutator,mutate-json json-tree,control-message credentials-json import json-prune metadata report status-file)
$(call mutator,mutate-answer json-tree,answer)
$(call mutator,mutate-memory json-tree,memory memory-file)
$(call mutator,mutate-plan-file json-tree,plan-file)

SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
asan:
	$(Q)$(MAKE) --no-print-directory O=$(O)/asan OPTIMIZE='-O1 -g' SANITIZE='$(SANITIZERS)' tests

# Which lines and branches of daemon/ the tests reach: at least 90 and 80 of a hundred.
coverage:
	$(Q)$(MAKE) --no-print-directory deps DEPS=coverage
	$(Q)$(MAKE) --no-print-directory O=$(O)/coverage OPTIMIZE='-O1 -g' \
		SANITIZE='--coverage -fprofile-update=prefer-atomic' tests
	$(Q)tests/run-coverage $(O)/coverage

# --- quality ---------------------------------------------------------------------------------------------------------

C_FILES := $(wildcard daemon/*.[ch] daemon/*/*.[ch] tests/*/*.[ch])

lint:
	$(Q)packaging/install-deps lint
	$(Q)tests/run-lint $(O)

format:
	$(Q)clang-format -i $(C_FILES)

# --- installation ----------------------------------------------------------------------------------------------------

DESTDIR     ?=
PREFIX      ?= /usr
BINDIR      ?= $(PREFIX)/bin
SBINDIR     ?= $(PREFIX)/sbin
DATADIR     ?= $(PREFIX)/share
UNITDIR     ?= $(PREFIX)/lib/systemd/system
CATALOGDIR  ?= $(PREFIX)/lib/systemd/catalog
MANDIR      ?= $(DATADIR)/man
DOCDIR      ?= $(DATADIR)/doc/auditshared
BASHCOMPDIR ?= $(DATADIR)/bash-completion/completions
ZSHCOMPDIR  ?= $(DATADIR)/zsh/site-functions
# Wherever the programs are, this is where they look.
CONFDIR     := /etc/auditshared

# put FILES,FOLDER[,NAME]: programs come out of the build folder, all else is data.
put = $(Q)install -d '$(DESTDIR)$(2)' && install -m $(if $(filter $(O)/%,$(1)),0755,0644) $(1) '$(DESTDIR)$(2)/$(3)'

install: all
	$(call put,$(O)/auditshared,$(SBINDIR))
	$(call put,$(O)/auditsharectl,$(BINDIR))
	$(call put,systemd/auditshared.service,$(UNITDIR))
	$(Q)sed -i -e 's|/usr/sbin/|$(SBINDIR)/|' -e 's|/usr/bin/|$(BINDIR)/|' '$(DESTDIR)$(UNITDIR)/auditshared.service'
	$(call put,systemd/auditshared.catalog,$(CATALOGDIR))
	$(call put,$(sort $(wildcard config/*)),$(DATADIR)/auditshared)
	$(call put,$(wildcard packaging/man/*.1),$(MANDIR)/man1)
	$(call put,$(wildcard packaging/man/*.5),$(MANDIR)/man5)
	$(call put,$(wildcard packaging/man/*.8),$(MANDIR)/man8)
	$(call put,README.md packaging/NEWS,$(DOCDIR))
	$(call put,packaging/completion/auditsharectl.bash,$(BASHCOMPDIR),auditsharectl)
	$(call put,packaging/completion/_auditsharectl,$(ZSHCOMPDIR))
	$(Q)install -d '$(DESTDIR)$(CONFDIR)/shares.d'

# --- packages --------------------------------------------------------------------------------------------------------

# A source tree of what a package is made from. Its times are the changelog's: the same files give the same bytes.
DIST       := $(O)/packages/auditshared-$(VERSION).tar.gz
DIST_DIRS  := config daemon packaging systemd
DIST_TOP   := Makefile README.md LICENSE $(DIST_DIRS)
# With the folders, whose times tell when a file went.
DIST_FILES := $(wildcard $(DIST_TOP) $(foreach depth,/* /*/* /*/*/*,$(addsuffix $(depth),$(DIST_DIRS))))

dist: $(DIST)
$(DIST): $(DIST_FILES)
	$(call say,TAR,$@)
	@mkdir -p $(@D)
	$(Q)tar -c --format=ustar --sort=name --owner=0 --group=0 --numeric-owner --mode='u=rwX,go=rX' \
		--mtime="$$(sed -n 's/^ -- .*>  //p' packaging/debian/changelog | head -n 1)" --exclude='*~' --exclude='.*' \
		--exclude=__pycache__ --transform='s|^|auditshared-$(VERSION)/|' $(DIST_TOP) | gzip -9n >$@

deb rpm: $(DIST)
	$(Q)$(MAKE) --no-print-directory deps DEPS=package
	$(Q)$(MAKE) --no-print-directory $(O)/packages/$@.log

# In an environment of its own: what this make was told (O, CI, SANITIZE, CFLAGS, …) is not for that of a package.
$(O)/packages/%.log: $(DIST)
	$(call say,PACK,$(@D)/*.$*)
	$(Q)env -i PATH="$$PATH" HOME="$${HOME:-/}" LC_ALL=C.UTF-8 DEB_BUILD_OPTIONS="$$DEB_BUILD_OPTIONS" \
		packaging/build-$* $(DIST) $(@D)

clean:
	$(Q)rm -rf $(O)

-include $(shell find $(O)/obj -name '*.d' 2>/dev/null)
