#include "CMicroHTTPD.h"

#include "CDelay.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>

#if defined(__APPLE__)
static tw_library httpd = {
    {"/opt/homebrew/lib/libmicrohttpd.12.dylib", "/usr/local/lib/libmicrohttpd.12.dylib"}, "libmicrohttpd", 0};
#else
static tw_library httpd = {{"libmicrohttpd.so.12"}, "libmicrohttpd12", 0};
#endif

TW_DELAYED(httpd, MHD_socket, MHD_quiesce_daemon, (struct MHD_Daemon * daemon), (daemon))
TW_DELAYED(httpd, void, MHD_stop_daemon, (struct MHD_Daemon * daemon), (daemon))
TW_DELAYED(
    httpd, enum MHD_Result, MHD_add_connection,
    (struct MHD_Daemon * daemon, MHD_socket client, const struct sockaddr *address, socklen_t length),
    (daemon, client, address, length))
TW_DELAYED(
    httpd, int, MHD_get_connection_values,
    (struct MHD_Connection * connection, enum MHD_ValueKind kind, MHD_KeyValueIterator take, void *context),
    (connection, kind, take, context))
TW_DELAYED(
    httpd, const char *, MHD_lookup_connection_value,
    (struct MHD_Connection * connection, enum MHD_ValueKind kind, const char *key), (connection, kind, key))
TW_DELAYED(
    httpd, struct MHD_Response *, MHD_create_response_from_buffer,
    (size_t size, void *bytes, enum MHD_ResponseMemoryMode mode), (size, bytes, mode))
TW_DELAYED(
    httpd, enum MHD_Result, MHD_add_response_header,
    (struct MHD_Response * response, const char *name, const char *value), (response, name, value))
TW_DELAYED(
    httpd, enum MHD_Result, MHD_queue_response,
    (struct MHD_Connection * connection, unsigned int status, struct MHD_Response *response),
    (connection, status, response))
TW_DELAYED(httpd, void, MHD_destroy_response, (struct MHD_Response * response), (response))
TW_DELAYED_POINTER(httpd, start_daemon, MHD_start_daemon)
TW_DELAYED_POINTER(httpd, daemon_info, MHD_get_daemon_info)
TW_DELAYED_POINTER(httpd, connection_info, MHD_get_connection_info)

// Keeps libmicrohttpd from decoding `%`-escapes: a signature covers the text as it was sent.
static size_t keep(void *context, struct MHD_Connection *connection, char *text) {
    (void)context;
    (void)connection;
    return strlen(text);
}

struct MHD_Daemon *tw_httpd_start(
    struct tw_httpd_options options, tw_httpd_handler handler, tw_httpd_completed completed,
    MHD_NotifyConnectionCallback connected, void *context) {
    unsigned int flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL;
    if (options.address->sa_family == AF_INET6) flags |= MHD_USE_IPv6;
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)options.certificate},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)options.key},
        {MHD_OPTION_END, 0, NULL},
    };
    struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    if (options.certificate != NULL) flags |= MHD_USE_TLS;
    return start_daemon()(
        flags, 0, NULL, NULL, handler, context, MHD_OPTION_SOCK_ADDR, options.address, MHD_OPTION_NOTIFY_COMPLETED,
        completed, context, MHD_OPTION_NOTIFY_CONNECTION, connected, context, MHD_OPTION_CONNECTION_LIMIT, options.connection_limit, MHD_OPTION_CONNECTION_TIMEOUT,
        options.timeout, MHD_OPTION_CONNECTION_MEMORY_LIMIT, options.memory_limit, MHD_OPTION_UNESCAPE_CALLBACK, keep,
        NULL, MHD_OPTION_THREAD_STACK_SIZE, (size_t)(1 << 20), MHD_OPTION_ARRAY, options.certificate != NULL ? tls : none, MHD_OPTION_END);
}

void tw_httpd_accept_waiting(struct MHD_Daemon *daemon, int listener) {
    int flags = fcntl(listener, F_GETFL);
    fcntl(listener, F_SETFL, flags | O_NONBLOCK);
    for (;;) {
        struct sockaddr_storage address;
        socklen_t length = sizeof address;
        int client = accept(listener, (struct sockaddr *)&address, &length);
        if (client < 0) return;
        MHD_add_connection(daemon, client, (struct sockaddr *)&address, length);
    }
}

int tw_httpd_port(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info = daemon_info()(daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info == NULL ? 0 : info->port;
}

void tw_httpd_peer(struct MHD_Connection *connection, char *text, size_t size) {
    text[0] = 0;
    const union MHD_ConnectionInfo *info = connection_info()(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info == NULL || info->client_addr == NULL) return;
    const struct sockaddr *address = info->client_addr;
    if (address->sa_family == AF_INET) {
        inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, text, (socklen_t)size);
    } else if (address->sa_family == AF_INET6) {
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, text, (socklen_t)size);
    }
}
