#include <features.h>  // first: a header that defines _GNU_SOURCE would make fd_set differ from the Glibc module's
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
