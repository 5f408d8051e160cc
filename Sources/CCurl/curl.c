#include "CCurl.h"

#include "CDelay.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#if defined(__APPLE__)
static tw_library curl = {{"/usr/lib/libcurl.4.dylib"}, "macOS", 0};
#else
static tw_library curl = {{"libcurl.so.4", "libcurl-gnutls.so.4"}, "libcurl4", 0};
#endif

TW_DELAYED(curl, CURLcode, curl_global_init, (long flags), (flags))
TW_DELAYED(curl, CURL *, curl_easy_init, (void), ())
TW_DELAYED(curl, CURLcode, curl_easy_perform, (CURL * handle), (handle))
TW_DELAYED(curl, void, curl_easy_reset, (CURL * handle), (handle))
TW_DELAYED(curl, void, curl_easy_cleanup, (CURL * handle), (handle))
TW_DELAYED(curl, const char *, curl_easy_strerror, (CURLcode code), (code))
TW_DELAYED(curl, struct curl_slist *, curl_slist_append, (struct curl_slist * list, const char *text), (list, text))
TW_DELAYED(curl, void, curl_slist_free_all, (struct curl_slist * list), (list))
TW_DELAYED_POINTER(curl, setopt, curl_easy_setopt)
TW_DELAYED_POINTER(curl, getinfo, curl_easy_getinfo)

CURLcode tw_curl_set_string(CURL *handle, CURLoption option, const char *value) {
    return setopt()(handle, option, value);
}

CURLcode tw_curl_set_long(CURL *handle, CURLoption option, long value) {
    return setopt()(handle, option, value);
}

CURLcode tw_curl_set_pointer(CURL *handle, CURLoption option, const void *value) {
    return setopt()(handle, option, value);
}

CURLcode tw_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
    return setopt()(handle, option, value);
}

CURLcode tw_curl_on_body(CURL *handle, tw_curl_transfer take, void *context) {
    setopt()(handle, CURLOPT_WRITEFUNCTION, take);
    return setopt()(handle, CURLOPT_WRITEDATA, context);
}

CURLcode tw_curl_on_header(CURL *handle, tw_curl_transfer take, void *context) {
    setopt()(handle, CURLOPT_HEADERFUNCTION, take);
    return setopt()(handle, CURLOPT_HEADERDATA, context);
}

CURLcode tw_curl_on_upload(CURL *handle, tw_curl_transfer give, void *context) {
    setopt()(handle, CURLOPT_READFUNCTION, give);
    return setopt()(handle, CURLOPT_READDATA, context);
}

struct gate {
    tw_curl_admits admits;
    void *context;
};

static _Thread_local struct gate gate;

// The address is checked at the last moment, so that a name that resolves anew can't lead elsewhere.
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
    (void)context;
    (void)purpose;
    if (!gate.admits(&address->addr, gate.context)) return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

CURLcode tw_curl_on_connect(CURL *handle, tw_curl_admits admits, void *context) {
    gate.admits = admits;
    gate.context = context;
    return setopt()(handle, CURLOPT_OPENSOCKETFUNCTION, open_socket);
}

long tw_curl_status(CURL *handle) {
    long status = 0;
    getinfo()(handle, CURLINFO_RESPONSE_CODE, &status);
    return status;
}
