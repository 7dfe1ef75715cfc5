#include <features.h>  // first: a header that defines _GNU_SOURCE would make fd_set differ from the Glibc module's
#include <pg_query.h>
