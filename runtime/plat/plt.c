/*
 * Tells a stub from other code by its instructions, as the linkers write them.
 * A section table would say it as well, but it is not loaded.
 */

#include "plat/plt.h"

#include <stddef.h>

#include "base/attr.h"

#if defined(__x86_64__)

/*
 *     [endbr64] [bnd] jmp *slot(%rip)       the stub
 *     push $n; [bnd] jmp first              as long as the slot is not filled
 *     push link(%rip); [bnd] jmp *resolver(%rip)                   the first
 */
BSTI_NO_SANITIZE static const uint8_t *skip_prefix(const uint8_t *code)
{
    return *code == 0xf2 ? code + 1 : code;
}

BSTI_NO_SANITIZE static bool is_indirect_jump(const uint8_t *code)
{
    code = skip_prefix(code);
    return code[0] == 0xff && code[1] == 0x25;
}

BSTI_NO_SANITIZE static bool is_direct_jump(const uint8_t *code)
{
    return *skip_prefix(code) == 0xe9;
}

BSTI_NO_SANITIZE bool bsti_plt_is_stub(uintptr_t pc)
{
    enum { ENTRY = 16, PUSH = 5, PUSH_MEMORY = 6 };
    const uint8_t *code = (const uint8_t *)pc;
    uintptr_t within = pc % ENTRY;

    if (code[0] == 0xf3 && code[1] == 0x0f && code[2] == 0x1e &&
        code[3] == 0xfa) {
        code += 4;
    }
    if (is_indirect_jump(code) ||
        (*code == 0x68 && is_direct_jump(code + PUSH)))
        return true;
    if (code[0] == 0xff && code[1] == 0x35)
        return is_indirect_jump(code + PUSH_MEMORY);
    /* What lies before it is of the same entry, and so of the same page. */
    return within >= PUSH && is_direct_jump(code) && code[-PUSH] == 0x68;
}

#elif defined(__aarch64__)

/*
 *     [bti c]; adrp x16, page; ldr x17, [x16, #low]; add x16, x16, #low;
 *     br x17                                                      the stub
 *     stp x16, x30, [sp, #-16]!; and the same               the first one
 */
BSTI_NO_SANITIZE bool bsti_plt_is_stub(uintptr_t pc)
{
    enum { MOST = 6 };
    static const uint32_t masks[] = {0x9f00001f, 0xffc003ff, 0xffc003ff,
                                     0xffffffff, 0xffffffff};
    static const uint32_t values[] = {0x90000010, 0xf9400211, 0x91000210,
                                      0xa9bf7bf0, 0xd503245f};
    const uint32_t *code = (const uint32_t *)pc;

    for (size_t n = 0; n < MOST; n++) {
        bool known = false;

        if (code[n] == 0xd61f0220) { /* br x17 */
            return true;
        }
        for (size_t i = 0; i < BSTI_ARRAY_LEN(masks); i++) {
            known |= (code[n] & masks[i]) == values[i];
        }
        if (!known) {
            return false;
        }
    }
    return false;
}

#else

bool bsti_plt_is_stub(uintptr_t pc)
{
    (void)pc;
    return false;
}

#endif
