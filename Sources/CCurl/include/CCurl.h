// The calls of libcurl that take any argument, one for each kind, for Swift.
#ifndef TW_CURL_H
#define TW_CURL_H

#include <curl/curl.h>

CURLcode tw_curl_set_string(CURL *handle, CURLoption option, const char *value);
CURLcode tw_curl_set_long(CURL *handle, CURLoption option, long value);
CURLcode tw_curl_set_pointer(CURL *handle, CURLoption option, const void *value);
CURLcode tw_curl_set_size(CURL *handle, CURLoption option, curl_off_t value);

typedef size_t (*tw_curl_transfer)(char *bytes, size_t size, size_t count, void *context);
CURLcode tw_curl_on_body(CURL *handle, tw_curl_transfer take, void *context);
CURLcode tw_curl_on_header(CURL *handle, tw_curl_transfer take, void *context);
CURLcode tw_curl_on_upload(CURL *handle, tw_curl_transfer give, void *context);

// Whether an address that a name resolved to may be connected to.
typedef int (*tw_curl_admits)(const struct sockaddr *address, void *context);
CURLcode tw_curl_on_connect(CURL *handle, tw_curl_admits admits, void *context);

long tw_curl_status(CURL *handle);

#endif
