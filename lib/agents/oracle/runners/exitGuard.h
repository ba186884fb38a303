/* Included behind the headers of a test program that is judged: where the test itself ends the program, that counts. */
#pragma GCC system_header
#include <stdlib.h>
#ifdef __cplusplus
#include <cstdlib>
extern "C" {
#endif
__attribute__((noreturn)) void oracle_exit(int code);
#ifdef __cplusplus
}
namespace std {
using ::oracle_exit;
}
#endif
#define exit(code) oracle_exit(code)
