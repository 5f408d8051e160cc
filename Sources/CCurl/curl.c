#include "CCurl.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

CURLcode tw_curl_set_string(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

CURLcode tw_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

CURLcode tw_curl_set_pointer(CURL *handle, CURLoption option, const void *value) {
    return curl_easy_setopt(handle, option, value);
}

CURLcode tw_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

CURLcode tw_curl_on_body(CURL *handle, tw_curl_transfer take, void *context) {
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take);
    return curl_easy_setopt(handle, CURLOPT_WRITEDATA, context);
}

CURLcode tw_curl_on_header(CURL *handle, tw_curl_transfer take, void *context) {
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take);
    return curl_easy_setopt(handle, CURLOPT_HEADERDATA, context);
}

CURLcode tw_curl_on_upload(CURL *handle, tw_curl_transfer give, void *context) {
    curl_easy_setopt(handle, CURLOPT_READFUNCTION, give);
    return curl_easy_setopt(handle, CURLOPT_READDATA, context);
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
    return curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_socket);
}

long tw_curl_status(CURL *handle) {
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    return status;
}
