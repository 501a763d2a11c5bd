UNIT_TESTS += tests/unit/compiler/test_arena.c
UNIT_TESTS += tests/unit/compiler/test_intern.c
UNIT_TESTS += tests/unit/compiler/test_lexer.c
UNIT_TESTS += tests/unit/compiler/test_lexer_number.c
UNIT_TESTS += tests/unit/compiler/test_source.c
UNIT_TESTS += tests/unit/compiler/test_utf8.c
