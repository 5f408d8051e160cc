// Shared libraries that are loaded when they are first needed: libcurl and libmicrohttpd bring thirty others, and
// loading them was half the start of every command, of those too that speak to nobody.
#ifndef TW_DELAY_H
#define TW_DELAY_H

#include <stdatomic.h>

/// A shared library.
typedef struct {
    const char *files[3];  ///< under which names it is looked for
    const char *package;   ///< what it comes with, for whoever has it not
    _Atomic(void *) handle;
} tw_library;

/// The function `name`, which is also kept at `found`. Where it is not to be had, says why and ends the process with 127,
/// as the dynamic linker does.
void *tw_delayed(tw_library *library, _Atomic(void *) *found, const char *name);

/// Defines the function `name` that a header declares as one that hands its arguments on to `library`.
#define TW_DELAYED(library, result, name, parameters, arguments)                        \
    __attribute__((visibility("hidden"))) result name parameters {                      \
        static _Atomic(void *) found;                                                   \
        return ((__typeof__(&name))tw_delayed(&library, &found, #name)) arguments;      \
    }

/// Defines `local`, which gives the function `name` that takes any number of arguments.
#define TW_DELAYED_POINTER(library, local, name)                                        \
    static __typeof__(&name) local(void) {                                              \
        static _Atomic(void *) found;                                                   \
        return (__typeof__(&name))tw_delayed(&library, &found, #name);                  \
    }

#endif
