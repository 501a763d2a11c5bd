UNIT_TESTS += \
  tests/unit/actor/test_ask.c \
  tests/unit/actor/test_blocked.c \
  tests/unit/actor/test_context.c \
  tests/unit/actor/test_crossing.c \
  tests/unit/actor/test_dynamic.c \
  tests/unit/actor/test_keep.c \
  tests/unit/actor/test_offload.c \
  tests/unit/actor/test_order.c \
  tests/unit/actor/test_overflow.c \
  tests/unit/actor/test_owned.c \
  tests/unit/actor/test_owned_many.c \
  tests/unit/actor/test_payload.c \
  tests/unit/actor/test_ration.c \
  tests/unit/actor/test_release.c \
  tests/unit/actor/test_reply.c \
  tests/unit/actor/test_small.c \
  tests/unit/actor/test_small_limits.c \
  tests/unit/actor/test_small_turn.c \
  tests/unit/actor/test_tasks.c \
  tests/unit/actor/test_tell.c \
  tests/unit/actor/test_tick.c
