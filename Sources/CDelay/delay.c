#include "CDelay.h"

#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

static _Noreturn void fail(const tw_library *library) {
    const char *reason = dlerror();
    fprintf(stderr, "trailwarden: %s, which comes with %s, cannot be used: %s\n", library->files[0], library->package,
        reason ? reason : "it is not as expected");
    _exit(127);
}

void *tw_delayed(tw_library *library, _Atomic(void *) *found, const char *name) {
    void *function = atomic_load_explicit(found, memory_order_acquire);
    if (function) return function;
    // Two threads may come here at once; both then load the same.
    void *handle = atomic_load_explicit(&library->handle, memory_order_acquire);
    if (!handle) {
        for (int i = 0; !handle && i < 3 && library->files[i]; i++)
            handle = dlopen(library->files[i], RTLD_LAZY | RTLD_LOCAL);
        if (!handle) fail(library);
        atomic_store_explicit(&library->handle, handle, memory_order_release);
    }
    function = dlsym(handle, name);
    if (!function) fail(library);
    atomic_store_explicit(found, function, memory_order_release);
    return function;
}
