// The calls of libmicrohttpd that take a list of options, with fixed arguments for Swift.
#ifndef TW_MICROHTTPD_H
#define TW_MICROHTTPD_H

#include <microhttpd.h>

struct tw_httpd_options {
    const struct sockaddr *address;
    unsigned int connection_limit;
    // In seconds, without bytes in either direction.
    unsigned int timeout;
    // Of the header of a request, in bytes.
    size_t memory_limit;
    // PEM, both or none.
    const char *certificate;
    const char *key;
};

typedef enum MHD_Result (*tw_httpd_handler)(
    void *context, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
    const char *body, size_t *body_size, void **request);
typedef void (*tw_httpd_completed)(
    void *context, struct MHD_Connection *connection, void **request, enum MHD_RequestTerminationCode code);

// Starts a server with a thread for each connection; null when it can't, errno says why.
struct MHD_Daemon *tw_httpd_start(
    struct tw_httpd_options options, tw_httpd_handler handler, tw_httpd_completed completed,
    MHD_NotifyConnectionCallback connected, void *context);

// Takes the connections that wait at a socket on which the server listened.
void tw_httpd_accept_waiting(struct MHD_Daemon *daemon, int listener);

// The port the server listens on.
int tw_httpd_port(struct MHD_Daemon *daemon);

// The address of the peer as text; empty when it is not known.
void tw_httpd_peer(struct MHD_Connection *connection, char *text, size_t size);

#endif
