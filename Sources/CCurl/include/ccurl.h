// HTTP requests with libcurl (Debian's libcurl4-openssl-dev).
#ifndef SRGAN_CCURL_H
#define SRGAN_CCURL_H

#include <stddef.h>

/// Initialises libcurl. Call it once, before the first thread is started.
void ccurl_initialise(void);

/// Sends an HTTP POST request and reads the whole answer, of which nothing is kept but its status. Redirections are not
/// followed.
///
/// headers: lines without their ends; the list ends with NULL.
/// seconds: the longest time of the whole request.
/// problem: gets a short text that says what failed, if the result is 0.
/// Returns the status of the answer, such as 200, or 0 without a whole answer.
long ccurl_post(const char *url, const char *const *headers, const void *body, size_t size, double seconds,
                char *problem, size_t problem_size);

#endif
