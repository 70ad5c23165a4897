#include "ccurl.h"

#include <curl/curl.h>
#include <stdio.h>

void ccurl_initialise(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

static size_t ignore(char *bytes, size_t size, size_t count, void *context) {
    (void)bytes;
    (void)context;
    return size * count;
}

long ccurl_post(const char *url, const char *const *headers, const void *body, size_t size, double seconds,
                char *problem, size_t problem_size) {
    CURL *request = curl_easy_init();
    struct curl_slist *lines = NULL;
    CURLcode code = request ? CURLE_OK : CURLE_OUT_OF_MEMORY;
    for (; code == CURLE_OK && *headers; headers++) {
        struct curl_slist *longer = curl_slist_append(lines, *headers);
        if (longer)
            lines = longer;
        else
            code = CURLE_OUT_OF_MEMORY;
    }
    long status = 0;
    char text[CURL_ERROR_SIZE] = "";
    if (code == CURLE_OK) {
        curl_easy_setopt(request, CURLOPT_URL, url);
        curl_easy_setopt(request, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(request, CURLOPT_POST, 1L);
        curl_easy_setopt(request, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(request, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
        curl_easy_setopt(request, CURLOPT_HTTPHEADER, lines);
        curl_easy_setopt(request, CURLOPT_TIMEOUT_MS, (long)(seconds * 1000));
        // libcurl's time-outs must not use signals in a program with threads.
        curl_easy_setopt(request, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(request, CURLOPT_WRITEFUNCTION, ignore);
        curl_easy_setopt(request, CURLOPT_ERRORBUFFER, text);
        code = curl_easy_perform(request);
        if (code == CURLE_OK) curl_easy_getinfo(request, CURLINFO_RESPONSE_CODE, &status);
    }
    if (code != CURLE_OK) snprintf(problem, problem_size, "%s", text[0] ? text : curl_easy_strerror(code));
    curl_slist_free_all(lines);
    if (request) curl_easy_cleanup(request);
    return status;
}
