# Bastion in C: one Makefile for all of it. `make help` lists the targets.
#
# Each folder lists its sources in a module.mk. Everything that is built lies
# in $(B): build/ for release, build/MODE for the other modes, and one more
# folder below that for a compiler other than gcc.

MODE ?= release
ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 2)
endif
MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:
.SECONDARY:
.DELETE_ON_ERROR:

MODES := release debug asan tsan cov fuzz
ifeq ($(filter $(MODE),$(MODES)),)
$(error MODE=$(MODE) is unknown; use one of: $(MODES))
endif
B := build$(if $(filter-out release,$(MODE)),/$(MODE))$(if \
     $(filter-out gcc,$(CC)),/$(notdir $(firstword $(CC))))
V ?= 0
Q := $(if $(filter 0,$(V)),@)
VERSION := $(shell sed -n 's/.*BST_VERSION "\(.*\)"/\1/p' \
             runtime/include/bastion/attr.h)
SOVERSION := 0
ARCH := $(shell uname -m)
IS_CLANG := $(findstring clang,$(notdir $(firstword $(CC))))

all:
include .ci/deps.mk

# ---- flags -----------------------------------------------------------------
WARNINGS := -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion \
  -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual \
  -Wpointer-arith -Wwrite-strings -Wundef -Wvla -Wformat=2 \
  -Wimplicit-fallthrough
HARDEN := -fstack-protector-strong -fstack-clash-protection \
  $(if $(filter x86_64,$(ARCH)),-fcf-protection)
SANITIZE_asan := -fsanitize=address,undefined -fno-sanitize-recover=all
SANITIZE_tsan := -fsanitize=thread
SANITIZE_fuzz := -fsanitize=fuzzer-no-link,address,undefined \
  -fno-sanitize-recover=all
MODE_release := -O2 -g -DNDEBUG -DBST_DEBUG=0 -U_FORTIFY_SOURCE \
  -D_FORTIFY_SOURCE=2
MODE_debug := -O0 -g3 -DBST_DEBUG=1
MODE_asan := -O1 -g -fno-omit-frame-pointer -DBST_DEBUG=1 $(SANITIZE_asan)
# gcc warns of fences, which its thread sanitizer does not model.
MODE_tsan := -O1 -g -fno-omit-frame-pointer -DBST_DEBUG=1 $(SANITIZE_tsan) \
  $(if $(IS_CLANG),,-Wno-tsan)
MODE_fuzz := -O1 -g -fno-omit-frame-pointer $(SANITIZE_fuzz)
MODE_cov := -O0 -g -DBST_DEBUG=1 --coverage -fprofile-update=atomic
ALL_CFLAGS = -std=c11 $(WARNINGS) $(HARDEN) $(MODE_$(MODE)) -fPIC \
  -fvisibility=hidden -ftls-model=initial-exec -fno-common $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = $(SANITIZE_$(MODE)) $(if $(filter cov,$(MODE)),--coverage) \
  -Wl,-z,relro,-z,now,-z,noexecstack -pthread $(LDFLAGS)
RUNTIME_LIBS := -lhwloc

# ---- sources ---------------------------------------------------------------
-include $(sort $(wildcard runtime/*/module.mk)) compiler/module.mk \
  $(sort $(wildcard compiler/*/module.mk)) \
  grammar/module.mk $(sort $(wildcard bench/module.mk))
RUNTIME_HEADERS := $(sort $(wildcard runtime/include/bastion/*.h))
obj = $(patsubst %,$(B)/obj/%.o,$(basename $(filter-out $(B)/%,$(1)))) \
  $(addsuffix .o,$(basename $(filter $(B)/%,$(1))))
RUNTIME_OBJS := $(call obj,$(RUNTIME_SRCS))
# The executor alone: the layers below actor and sup.
EXEC_OBJS := $(filter-out $(B)/obj/runtime/actor/% \
  $(B)/obj/runtime/sup/%,$(RUNTIME_OBJS))
COMPILER_OBJS := $(call obj,$(COMPILER_SRCS) $(COMPILER_GEN))
COMPILER_MAIN_OBJ := $(call obj,$(COMPILER_MAIN))
LIBS := $(addprefix $(B)/libbastion,.a .so -exec.a c.a)
OUTPUTS := $(LIBS) $(if $(COMPILER_MAIN),$(B)/bastionc)
all: $(OUTPUTS)
include tests/module.mk .ci/install.mk

# ---- rules -----------------------------------------------------------------
$(RUNTIME_OBJS): INCLUDES := -Iruntime -Iruntime/include
$(COMPILER_OBJS) $(COMPILER_MAIN_OBJ): INCLUDES := -Icompiler -I$(B)/grammar
$(COMPILER_OBJS) $(COMPILER_MAIN_OBJ): | $(COMPILER_GEN)

# A change of compiler or flags rebuilds everything.
FLAGS_LINE = $(OBJCOPY) $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS)
$(B)/.flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(FLAGS_LINE)' | cmp -s - $@ || \
	  printf '%s\n' '$(FLAGS_LINE)' > $@

define compile
	@mkdir -p $(@D)
	@echo "  CC   $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(INCLUDES) -MMD -MP -c -o $@ $<
endef
# Every message passes through these; they have no arrays to overflow.
$(patsubst %,$(B)/obj/runtime/%.o,actor/tell actor/turn actor/ask \
  exec/worker): private HARDEN += -fno-stack-protector
$(B)/obj/%.o: %.c $(B)/.flags ; $(compile)
$(B)/obj/%.o: %.S $(B)/.flags ; $(compile)
$(B)/grammar/%.o: $(B)/grammar/%.c $(B)/.flags ; $(compile)

define archive
	@mkdir -p $(@D)
	@echo "  AR   $@"
	$(Q)rm -f $@ && ar rcs $@ $(filter %.o,$^)
endef
$(B)/libbastion.a: $(RUNTIME_OBJS) ; $(archive)
$(B)/libbastion-exec.a: $(EXEC_OBJS) ; $(archive)
$(B)/libbastionc.a: $(COMPILER_OBJS) ; $(archive)
$(B)/libbastion.so: $(RUNTIME_OBJS)
	@echo "  LD   $@"
	$(Q)$(CC) -shared -Wl,-soname,libbastion.so.$(SOVERSION) \
	  -Wl,--version-script=runtime/libbastion.map \
	  $(if $(filter asan tsan,$(MODE)),,-Wl$(comma)-z$(comma)defs) \
	  $(ALL_LDFLAGS) -o $@ $^ $(RUNTIME_LIBS)
comma := ,
$(B)/bastionc: $(COMPILER_MAIN_OBJ) $(B)/libbastionc.a
	@echo "  LD   $@"
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $^ $(COMPILER_LIBS)

# ---- other targets ---------------------------------------------------------
demo: all
	$(Q)$(MAKE) -C examples/primes BASTION=../.. BASTION_BUILD=../../$(B) \
	  CC='$(CC)' LDFLAGS='$(SANITIZE_$(MODE))' run

format: ; $(Q)tests/lint/format.sh --fix

clean: ; rm -rf build

help:
	@sed -n 's/^#: //p' Makefile tests/module.mk .ci/deps.mk .ci/install.mk \
	  grammar/editors/module.mk $(wildcard bench/module.mk)
#: Variables: MODE=release|debug|asan|tsan|cov  CC=gcc|clang  V=1  NODEPS=1
#:
#: all        bastionc and libbastion (the default)
#: demo       runs examples/primes: a pool that crashes and heals
#: format     formats the sources with clang-format
#: clean      removes build/

-include $(patsubst %.o,%.d,$(RUNTIME_OBJS) $(COMPILER_OBJS) \
  $(COMPILER_MAIN_OBJ))

FORCE:
.PHONY: all demo format clean help FORCE
