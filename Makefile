# SPDX-License-Identifier: Apache-2.0
#
# auditshared: one makefile, everything under build/.
#
#   make              the two programs            make check        every test, "N passed, N failed" last
#   make demo         the whole story, simulated  make bench        the figures of the README
#   make install      DESTDIR and PREFIX count    make V=1          with the commands shown

VERSION := 0.1.0
PREFIX  ?= /usr
DESTDIR ?=
SECONDS ?= 60

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
CPPFLAGS   += -D_GNU_SOURCE -DAUDITSHARED_VERSION='"$(VERSION)"'
CFLAGS     += -std=c17 $(OPTIMIZE) $(WARNINGS) -fstack-protector-strong $(SANITIZE)
LDFLAGS    += $(SANITIZE)

NEEDS_LIBS := $(filter-out clean format install-deps,$(or $(MAKECMDGOALS),all))
ifneq ($(NEEDS_LIBS),)
LIB_CFLAGS  = $(shell pkg-config --cflags $(LIBS))
LIB_LDLIBS  = $(shell pkg-config --libs $(LIBS))
SIM_LDLIBS  = $(shell pkg-config --libs $(SIM_LIBS)) -lm
endif

LIB_SRC    := $(filter-out daemon/auditshared.c daemon/ctl/%,$(wildcard daemon/*.c daemon/*/*.c))
CTL_SRC    := $(wildcard daemon/ctl/*.c)
SIM_SRC    := $(wildcard tests/simulator/*.c)
DRIVER_SRC := $(wildcard tests/driver/*.c)
UNIT_MAIN  := $(wildcard tests/unit/test-*.c)
FUZZ_MAIN  := $(wildcard tests/fuzz/fuzz-*.c)
BENCH_SRC  := $(wildcard tests/bench/bench-*.c)

objects     = $(patsubst %.c,$(O)/obj/%.o,$(1))
LIB        := $(O)/libauditshared.a

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all tests check check-unit check-fuzz check-integration check-layers check-format demo bench bench-deps fuzz \
        asan valgrind lint format install clean deps

all: $(O)/auditshared $(O)/auditsharectl

$(O)/obj/%.o: %.c Makefile
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(if $(filter tests/simulator/%,$<),-Itests/simulator,-Idaemon -Itests -Itests/unit -Itests/driver) \
		$(LIB_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(LIB): $(call objects,$(LIB_SRC))
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

define program
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(1)
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

# Each fuzzer is also a program that replays its corpus, with any compiler.
REPLAYS    := $(patsubst tests/fuzz/%.c,$(O)/tests/replay-%,$(FUZZ_MAIN))
$(O)/tests/replay-fuzz-%: $(O)/obj/tests/fuzz/fuzz-%.o $(O)/obj/tests/fuzz/replay.o $(LIB)
	$(call program,$(LIB_LDLIBS))
$(O)/tests/bench-%: $(O)/obj/tests/bench/bench-%.o $(LIB)
	$(call program,$(LIB_LDLIBS))

tests: all $(O)/tests/simulator $(O)/tests/driver $(UNIT_TESTS) $(REPLAYS) \
       $(patsubst tests/bench/%.c,$(O)/tests/%,$(BENCH_SRC))

# --- tests -----------------------------------------------------------------------------------------------------------

deps:
	$(Q)packaging/install-deps $(DEPS)

check: DEPS := test
check:
	$(Q)$(MAKE) --no-print-directory deps DEPS=test
	$(Q)$(MAKE) --no-print-directory tests
	$(Q)tests/run-check $(O)

check-unit: tests
	$(Q)tests/run-check $(O) unit
check-fuzz: tests
	$(Q)tests/run-check $(O) fuzz
check-integration: tests
	$(Q)tests/run-check $(O) integration
check-layers:
	$(Q)tests/run-check $(O) layers

demo:
	$(Q)$(MAKE) --no-print-directory deps DEPS=demo
	$(Q)$(MAKE) --no-print-directory all $(O)/tests/simulator
	$(Q)tests/demo/run $(O)

bench:
	$(Q)$(MAKE) --no-print-directory deps DEPS=test
	$(Q)$(MAKE) --no-print-directory tests
	$(Q)$(PYTHON) tests/bench/run.py $(O)

# libFuzzer, SECONDS each.
fuzz:
	$(Q)$(MAKE) --no-print-directory O=$(O)/fuzz CC=clang OPTIMIZE='-O1 -g' \
		SANITIZE='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' fuzzers
	$(Q)tests/fuzz/run $(O)/fuzz $(SECONDS)

fuzzers: $(patsubst tests/fuzz/%.c,$(O)/%,$(FUZZ_MAIN))
$(O)/fuzz-%: $(O)/obj/tests/fuzz/fuzz-%.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIB_LDLIBS)

SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
asan:
	$(Q)$(MAKE) --no-print-directory O=$(O)/asan OPTIMIZE='-O1 -g' SANITIZE='$(SANITIZERS)' tests

# --- quality ---------------------------------------------------------------------------------------------------------

C_FILES := $(wildcard daemon/*.[ch] daemon/*/*.[ch] tests/*/*.[ch])

lint:
	$(Q)packaging/install-deps lint
	$(Q)tests/run-lint $(O)

format:
	$(Q)clang-format -i $(C_FILES)

# --- installation ----------------------------------------------------------------------------------------------------

install: all
	$(Q)install -D -m 0755 $(O)/auditshared $(DESTDIR)$(PREFIX)/sbin/auditshared
	$(Q)install -D -m 0755 $(O)/auditsharectl $(DESTDIR)$(PREFIX)/bin/auditsharectl
	$(Q)install -D -m 0644 systemd/auditshared.service $(DESTDIR)$(PREFIX)/lib/systemd/system/auditshared.service
	$(Q)install -D -m 0644 systemd/auditshared.catalog $(DESTDIR)$(PREFIX)/lib/systemd/catalog/auditshared.catalog
	$(Q)install -d $(DESTDIR)/etc/auditshared/shares.d $(DESTDIR)$(PREFIX)/share/auditshared
	$(Q)install -m 0644 config/* $(DESTDIR)$(PREFIX)/share/auditshared/
	$(Q)for page in packaging/man/*; do \
		install -D -m 0644 $$page $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/} || exit 1; done

clean:
	$(Q)rm -rf $(O)

-include $(shell find $(O)/obj -name '*.d' 2>/dev/null)
