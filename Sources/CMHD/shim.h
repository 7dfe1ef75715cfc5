#include <features.h>  // first: a header that defines _GNU_SOURCE would make fd_set differ from the Glibc module's
#include <sys/types.h>
#include <sys/socket.h>
#include <microhttpd.h>

// MHD_start_daemon is variadic; every option goes through MHD_OPTION_ARRAY.
static inline struct MHD_Daemon *gonogo_mhd_start(
    unsigned int flags, unsigned short port, MHD_AcceptPolicyCallback accept, void *accept_context,
    MHD_AccessHandlerCallback handler, void *handler_context, const struct MHD_OptionItem *options) {
  return MHD_start_daemon(flags, port, accept, accept_context, handler, handler_context,
                          MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

// MHD_get_connection_info is variadic, and its result a union.
static inline const struct sockaddr *gonogo_mhd_client(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info == NULL ? NULL : info->client_addr;
}
