/*
 * Reads .eh_frame_hdr, .eh_frame and the programs in it; DWARF 5, 6.4, and
 * the Linux Standard Base for the headers.
 *
 * Pointers into these tables are trusted: the linker made them. What lies on
 * the stack is not.
 */

#include "plat/cfi.h"

#include <string.h>

#include "base/attr.h"

#define NO_SANITIZE BSTI_NO_SANITIZE

/* ---- numbers ------------------------------------------------------------- */

NO_SANITIZE static uint64_t read_fixed(const uint8_t **at, size_t bytes)
{
    uint64_t value = 0;

    for (size_t i = 0; i < bytes; i++) {
        value |= (uint64_t)(*at)[i] << (8 * i);
    }
    *at += bytes;
    return value;
}

NO_SANITIZE static uint64_t read_uleb(const uint8_t **at)
{
    uint64_t value = 0;
    unsigned shift = 0;
    uint8_t byte;

    do {
        byte = *(*at)++;
        if (shift < 64) {
            value |= (uint64_t)(byte & 0x7f) << shift;
        }
        shift += 7;
    } while (byte & 0x80);
    return value;
}

NO_SANITIZE static int64_t read_sleb(const uint8_t **at)
{
    uint64_t value = 0;
    unsigned shift = 0;
    uint8_t byte;

    do {
        byte = *(*at)++;
        if (shift < 64) {
            value |= (uint64_t)(byte & 0x7f) << shift;
        }
        shift += 7;
    } while (byte & 0x80);
    if (shift < 64 && (byte & 0x40)) {
        value |= ~(uint64_t)0 << shift;
    }
    return (int64_t)value;
}

static int64_t sign_extend(uint64_t value, unsigned bytes)
{
    unsigned shift = 64 - 8 * bytes;

    return (int64_t)(value << shift) >> shift;
}

enum { PC_RELATIVE = 0x10, OMITTED = 0xff };

/* Reads a pointer. Only its plain forms and those relative to its own place
 * are known; returns false for others. */
NO_SANITIZE static bool read_pointer(const uint8_t **at, uint8_t encoding,
                                     uintptr_t *value)
{
    uintptr_t place = (uintptr_t)*at;

    switch (encoding & 0x0f) {
    case 0x00:
    case 0x04:
    case 0x0c:
        *value = (uintptr_t)read_fixed(at, 8);
        break;
    case 0x03:
        *value = (uintptr_t)read_fixed(at, 4);
        break;
    case 0x0b:
        *value = (uintptr_t)sign_extend(read_fixed(at, 4), 4);
        break;
    default:
        return false;
    }
    if ((encoding & 0x70) == PC_RELATIVE) {
        *value += place;
    } else if ((encoding & 0x70) != 0) {
        return false;
    }
    return !(encoding & 0x80);
}

/* ---- finding ------------------------------------------------------------- */

bool bsti_cfi_open(struct bsti_cfi_table *table, const uint8_t *header)
{
    const uint8_t *at = header + 4;
    uintptr_t frames;
    uintptr_t count;

    /* Version 1; the table is sorted, of pairs relative to the header. */
    if (header[0] != 1 || header[3] != 0x3b ||
        !read_pointer(&at, header[1], &frames) || header[2] == OMITTED ||
        !read_pointer(&at, header[2], &count)) {
        return false;
    }
    table->header = header;
    table->rows = at;
    table->nrows = count;
    return true;
}

NO_SANITIZE static int64_t table_word(const struct bsti_cfi_table *table,
                                      size_t i)
{
    const uint8_t *at = table->rows + 4 * i;

    return sign_extend(read_fixed(&at, 4), 4);
}

/* Returns the description of the last function that begins at or before pc. */
NO_SANITIZE static const uint8_t *find(const struct bsti_cfi_table *table,
                                       uintptr_t pc)
{
    int64_t offset = (int64_t)(pc - (uintptr_t)table->header);
    size_t low = 0;
    size_t high = table->nrows;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (table_word(table, 2 * middle) <= offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low == 0 ? NULL
                    : table->header + table_word(table, 2 * (low - 1) + 1);
}

/* What functions have in common, and the program of one of them. */
struct entry {
    uint64_t code_align;
    int64_t data_align;
    uint8_t pointer_encoding;
    bool has_augmentation;
    const uint8_t *first; /* the common program */
    const uint8_t *first_end;
    const uint8_t *program;
    const uint8_t *program_end;
    uintptr_t start;
};

/* Reads what a letter of the augmentation stands for; false: not known. */
NO_SANITIZE static bool read_letter(struct entry *entry,
                                    struct bsti_cfi_row *row, char letter,
                                    const uint8_t **at)
{
    uintptr_t ignored;
    uint8_t encoding;

    switch (letter) {
    case 'R':
        entry->pointer_encoding = *(*at)++;
        return true;
    case 'L':
        (*at)++;
        return true;
    case 'P':
        encoding = *(*at)++;
        return read_pointer(at, encoding & 0x7f, &ignored);
    case 'S':
        row->is_signal = true;
        return true;
    case 'B': /* aarch64: which key signs return addresses */
        return true;
    default:
        return false;
    }
}

/* Reads the letters of the augmentation; false: one is not known. */
NO_SANITIZE static bool read_augmentation(struct entry *entry,
                                          struct bsti_cfi_row *row,
                                          const char *letters,
                                          const uint8_t **at)
{
    const uint8_t *end;

    if (letters[0] != 'z') {
        return letters[0] == '\0';
    }
    entry->has_augmentation = true;
    end = (const uint8_t *)(read_uleb(at) + (uintptr_t)*at);
    for (letters++; *letters != '\0'; letters++) {
        if (!read_letter(entry, row, *letters, at)) {
            return false;
        }
    }
    *at = end;
    return true;
}

/* Reads the part that functions have in common. */
NO_SANITIZE static bool read_common(const uint8_t *at, struct entry *entry,
                                    struct bsti_cfi_row *row)
{
    uint64_t length = read_fixed(&at, 4);
    const uint8_t *end = at + length;
    const char *letters;
    uint8_t version;

    if (length == 0xffffffff || read_fixed(&at, 4) != 0) {
        return false;
    }
    version = *at++;
    letters = (const char *)at;
    while (*at++ != '\0') {
    }
    if (version != 1 && version != 3) {
        return false;
    }
    entry->code_align = read_uleb(&at);
    entry->data_align = read_sleb(&at);
    row->return_reg = version == 1 ? *at++ : (uint8_t)read_uleb(&at);
    if (!read_augmentation(entry, row, letters, &at)) {
        return false;
    }
    entry->first = at;
    entry->first_end = end;
    return row->return_reg < BSTI_CFI_REGS;
}

/* Reads the description of the function that pc is in. */
NO_SANITIZE static bool read_entry(const uint8_t *at, uintptr_t pc,
                                   struct entry *entry,
                                   struct bsti_cfi_row *row)
{
    uint64_t length = read_fixed(&at, 4);
    const uint8_t *end = at + length;
    const uint8_t *place = at;
    uint64_t common;
    uintptr_t bytes;

    if (length == 0 || length == 0xffffffff) {
        return false;
    }
    common = read_fixed(&at, 4);
    if (common == 0 || !read_common(place - common, entry, row) ||
        !read_pointer(&at, entry->pointer_encoding, &entry->start) ||
        !read_pointer(&at, entry->pointer_encoding & 0x0f, &bytes) ||
        pc < entry->start || pc - entry->start >= bytes) {
        return false;
    }
    if (entry->has_augmentation) {
        uint64_t skip = read_uleb(&at);

        at += skip;
    }
    entry->program = at;
    entry->program_end = end;
    row->start = entry->start;
    return true;
}

/* ---- the programs -------------------------------------------------------- */

enum rule_kind { SAME, UNDEFINED, AT_OFFSET, AT_EXPR };

struct rule {
    enum rule_kind kind;
    int32_t offset;
    const uint8_t *expr;
};

struct state {
    const uint8_t *expr; /* of the frame address */
    int64_t offset;
    uint8_t reg;
    struct rule rules[BSTI_CFI_REGS];
};

enum { DEPTH = 4 };

struct machine {
    const struct entry *entry;
    uintptr_t pc;    /* the instruction in question */
    uintptr_t place; /* that the program has come to */
    unsigned depth;
    struct state now;
    struct state initial;
    struct state kept[DEPTH];
};

NO_SANITIZE static void set_rule(struct machine *machine, uint64_t reg,
                                 enum rule_kind kind, int64_t offset,
                                 const uint8_t *expr)
{
    /* Vector registers are of no interest. */
    if (reg < BSTI_CFI_REGS) {
        machine->now.rules[reg] = (struct rule){kind, (int32_t)offset, expr};
    }
}

NO_SANITIZE static void restore_rule(struct machine *machine, uint64_t reg)
{
    if (reg < BSTI_CFI_REGS) {
        machine->now.rules[reg] = machine->initial.rules[reg];
    }
}

NO_SANITIZE static void set_cfa(struct machine *machine, uint64_t reg,
                                int64_t offset)
{
    machine->now.reg = (uint8_t)BSTI_MIN(reg, (uint64_t)BSTI_CFI_REGS);
    machine->now.offset = offset;
    machine->now.expr = NULL;
}

/* Notes where an expression is and goes behind it. */
NO_SANITIZE static const uint8_t *take_block(const uint8_t **at)
{
    const uint8_t *block = *at;
    uint64_t length = read_uleb(at);

    *at += length;
    return block;
}

/* The instructions about registers. Returns false if it is not known. */
NO_SANITIZE static bool run_rule(struct machine *machine, uint8_t op,
                                 const uint8_t **at)
{
    int64_t align = machine->entry->data_align;
    uint64_t reg = read_uleb(at);

    switch (op) {
    case 0x05: /* offset_extended */
        set_rule(machine, reg, AT_OFFSET, (int64_t)read_uleb(at) * align, NULL);
        return true;
    case 0x11: /* offset_extended_sf */
        set_rule(machine, reg, AT_OFFSET, read_sleb(at) * align, NULL);
        return true;
    case 0x06: /* restore_extended */
        restore_rule(machine, reg);
        return true;
    case 0x07: /* undefined */
        set_rule(machine, reg, UNDEFINED, 0, NULL);
        return true;
    case 0x08: /* same_value */
        set_rule(machine, reg, SAME, 0, NULL);
        return true;
    case 0x10: /* expression */
        set_rule(machine, reg, AT_EXPR, 0, take_block(at));
        return true;
    case 0x0c: /* def_cfa */
        set_cfa(machine, reg, (int64_t)read_uleb(at));
        return true;
    case 0x12: /* def_cfa_sf */
        set_cfa(machine, reg, read_sleb(at) * align);
        return true;
    case 0x0d: /* def_cfa_register */
        set_cfa(machine, reg, machine->now.offset);
        return true;
    default:
        return false;
    }
}

/* The other instructions, but those that hold an operand in themselves. */
NO_SANITIZE static bool run_other(struct machine *machine, uint8_t op,
                                  const uint8_t **at)
{
    uint64_t step = machine->entry->code_align;

    switch (op) {
    case 0x00: /* nop */
    case 0x2d: /* aarch64: the return address is signed, or not any more */
        return true;
    case 0x02: /* advance_loc1, 2, 4 */
    case 0x03:
    case 0x04:
        machine->place += read_fixed(at, (size_t)1 << (op - 2)) * step;
        return true;
    case 0x0a: /* remember_state */
        if (machine->depth == DEPTH) {
            return false;
        }
        machine->kept[machine->depth++] = machine->now;
        return true;
    case 0x0b: /* restore_state */
        if (machine->depth == 0) {
            return false;
        }
        machine->now = machine->kept[--machine->depth];
        return true;
    case 0x0e: /* def_cfa_offset */
        machine->now.offset = (int64_t)read_uleb(at);
        return true;
    case 0x13: /* def_cfa_offset_sf */
        machine->now.offset = read_sleb(at) * machine->entry->data_align;
        return true;
    case 0x0f: /* def_cfa_expression */
        machine->now.expr = take_block(at);
        return true;
    case 0x2e: /* GNU_args_size */
        (void)read_uleb(at);
        return true;
    default:
        return run_rule(machine, op, at);
    }
}

/* Runs a program up to the instruction in question. */
NO_SANITIZE static bool run(struct machine *machine, const uint8_t *at,
                            const uint8_t *end)
{
    while (at < end && machine->place <= machine->pc) {
        uint8_t op = *at++;
        uint8_t operand = op & 0x3f;

        switch (op >> 6) {
        case 1:
            machine->place += operand * machine->entry->code_align;
            break;
        case 2:
            set_rule(machine, operand, AT_OFFSET,
                     (int64_t)read_uleb(&at) * machine->entry->data_align,
                     NULL);
            break;
        case 3:
            restore_rule(machine, operand);
            break;
        default:
            if (!run_other(machine, op, &at)) {
                return false;
            }
            break;
        }
    }
    return true;
}

/* Puts down what the machine has found out. */
NO_SANITIZE static bool put_down(const struct state *state,
                                 struct bsti_cfi_row *row)
{
    row->expr = state->expr;
    row->offset = (int32_t)state->offset;
    row->reg = state->reg;
    row->nsaved = 0;
    row->ends = state->rules[row->return_reg].kind == UNDEFINED;
    for (unsigned i = 0; i < BSTI_CFI_REGS; i++) {
        const struct rule *rule = &state->rules[i];

        if (rule->kind != AT_OFFSET && rule->kind != AT_EXPR) {
            continue;
        }
        if (row->nsaved == BSTI_CFI_SAVED) {
            return false;
        }
        row->saved[row->nsaved++] =
            (struct bsti_cfi_saved){.reg = (uint8_t)i,
                                    .by_expr = rule->kind == AT_EXPR,
                                    .offset = rule->offset,
                                    .expr = rule->expr};
    }
    return row->reg < BSTI_CFI_REGS;
}

NO_SANITIZE bool bsti_cfi_find(const struct bsti_cfi_table *table, uintptr_t pc,
                               struct bsti_cfi_row *row)
{
    struct entry entry;
    struct machine machine;
    const uint8_t *at = find(table, pc);

    memset(&entry, 0, sizeof(entry));
    memset(row, 0, sizeof(*row));
    if (!at || !read_entry(at, pc, &entry, row)) {
        return false;
    }
    memset(&machine, 0, sizeof(machine));
    machine.entry = &entry;
    machine.pc = pc;
    machine.place = entry.start;
    if (!run(&machine, entry.first, entry.first_end)) {
        return false;
    }
    machine.initial = machine.now;
    return run(&machine, entry.program, entry.program_end) &&
           put_down(&machine.now, row);
}

/* ---- stepping ------------------------------------------------------------ */

struct memory {
    uintptr_t low;
    uintptr_t high;
};

NO_SANITIZE static bool load(const struct memory *memory, uintptr_t address,
                             uintptr_t *value)
{
    if (address == 0 || address % sizeof(*value) != 0 ||
        address < memory->low || memory->high < sizeof(*value) ||
        address > memory->high - sizeof(*value)) {
        return false;
    }
    *value = *(const uintptr_t *)address;
    return true;
}

enum { OPERANDS = 8 };

/* An operation on the two topmost operands. */
NO_SANITIZE static bool combine(uint8_t op, uintptr_t *under, uintptr_t top)
{
    switch (op) {
    case 0x1a:
        *under &= top;
        return true;
    case 0x1c:
        *under -= top;
        return true;
    case 0x22:
        *under += top;
        return true;
    case 0x24:
        *under = top < 64 ? *under << top : 0;
        return true;
    case 0x2a:
        *under = (intptr_t)*under >= (intptr_t)top;
        return true;
    default:
        return false;
    }
}

/* Evaluates an expression of those that compilers and linkers make. */
NO_SANITIZE static bool evaluate(const uint8_t *at,
                                 const struct bsti_cfi_regs *regs,
                                 const struct memory *memory, uintptr_t *value)
{
    uint64_t length = read_uleb(&at);
    const uint8_t *end = at + length;
    uintptr_t stack[OPERANDS + 1];
    unsigned n = 0;

    while (at < end) {
        uint8_t op = *at++;

        if (op >= 0x30 && op < 0x50 && n < OPERANDS) { /* lit */
            stack[n++] = op - 0x30u;
        } else if (op >= 0x70 && op < 0x70 + BSTI_MIN(BSTI_CFI_REGS, 32) &&
                   n < OPERANDS) { /* breg */
            stack[n++] = regs->r[op - 0x70u] + (uintptr_t)read_sleb(&at);
        } else if (op == 0x08 && n < OPERANDS) { /* const1u */
            stack[n++] = *at++;
        } else if (op == 0x06 && n > 0) { /* deref */
            if (!load(memory, stack[n - 1], &stack[n - 1])) {
                return false;
            }
        } else if (op == 0x23 && n > 0) { /* plus_uconst */
            stack[n - 1] += (uintptr_t)read_uleb(&at);
        } else if (n < 2 || !combine(op, &stack[n - 2], stack[n - 1])) {
            return false;
        } else {
            n--;
        }
    }
    *value = n == 1 ? stack[0] : 0;
    return n == 1;
}

static uintptr_t strip(uintptr_t address)
{
#if defined(__aarch64__)
    /* xpaclri: takes the signature off a return address, where there are any */
    register uintptr_t lr __asm__("x30") = address;

    __asm__("hint #7" : "+r"(lr));
    return lr;
#else
    return address;
#endif
}

NO_SANITIZE bool bsti_cfi_step(const struct bsti_cfi_row *row,
                               struct bsti_cfi_regs *regs, uintptr_t low,
                               uintptr_t high)
{
    const struct memory memory = {low, high};
    uintptr_t found[BSTI_CFI_SAVED];
    uintptr_t cfa = regs->r[row->reg] + (uintptr_t)(intptr_t)row->offset;

    if (row->expr && !evaluate(row->expr, regs, &memory, &cfa)) {
        return false;
    }
    for (unsigned i = 0; i < row->nsaved; i++) {
        const struct bsti_cfi_saved *saved = &row->saved[i];
        uintptr_t at = cfa + (uintptr_t)(intptr_t)saved->offset;

        if ((saved->by_expr && !evaluate(saved->expr, regs, &memory, &at)) ||
            !load(&memory, at, &found[i])) {
            return false;
        }
    }
    for (unsigned i = 0; i < row->nsaved; i++) {
        regs->r[row->saved[i].reg] = found[i];
    }
    regs->r[BSTI_CFI_PC] = strip(regs->r[row->return_reg]);
    regs->r[BSTI_CFI_SP] = cfa;
    return true;
}
