// The limit: what the same requests cost with nothing around them. Not part of Gonogo; compiled by measure.py.
//   bare http BASE COUNT CONCURRENCY      a libcurl multi loop, keep-alive, bodies looked at
//   bare sql CONNINFO COUNT CONCURRENCY   a libpq loop, one query in flight a connection, rows looked at
#include <curl/curl.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct slot { CURL *easy; char body[512]; size_t length; int number; };

static size_t take(char *data, size_t size, size_t count, void *context) {
  struct slot *slot = context;
  size_t n = size * count;
  if (slot->length + n < sizeof slot->body) { memcpy(slot->body + slot->length, data, n); slot->length += n; }
  return n;
}

static void go(CURLM *multi, struct slot *slot, const char *base, int number) {
  char url[256];
  snprintf(url, sizeof url, "%s/items/%d", base, number);
  slot->number = number;
  slot->length = 0;
  curl_easy_setopt(slot->easy, CURLOPT_URL, url);
  curl_multi_add_handle(multi, slot->easy);
}

static int http(const char *base, int count, int width) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM *multi = curl_multi_init();
  struct slot *slots = calloc(width, sizeof *slots);
  int started = 0, finished = 0, good = 0;
  for (int i = 0; i < width && started < count; i++) {
    slots[i].easy = curl_easy_init();
    curl_easy_setopt(slots[i].easy, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(slots[i].easy, CURLOPT_WRITEDATA, &slots[i]);
    curl_easy_setopt(slots[i].easy, CURLOPT_PRIVATE, &slots[i]);
    go(multi, &slots[i], base, ++started);
  }
  while (finished < count) {
    int running, left;
    curl_multi_perform(multi, &running);
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left))) {
      if (message->msg != CURLMSG_DONE) continue;
      struct slot *slot;
      long status = 0;
      char wanted[64];
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&slot);
      curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &status);
      slot->body[slot->length] = 0;
      snprintf(wanted, sizeof wanted, "\"path\":\"/items/%d\"", slot->number);
      good += status == 200 && strstr(slot->body, wanted) != NULL;
      finished++;
      curl_multi_remove_handle(multi, slot->easy);
      if (started < count) go(multi, slot, base, ++started);
    }
    if (finished < count) curl_multi_poll(multi, NULL, 0, 1000, NULL);
  }
  return good == count ? 0 : 1;
}

static int sql(const char *conninfo, int count, int width) {
  PGconn **all = calloc(width, sizeof *all);
  int *number = calloc(width, sizeof *number), started = 0, finished = 0, good = 0;
  struct pollfd *polls = calloc(width, sizeof *polls);
  for (int i = 0; i < width; i++) {
    all[i] = PQconnectdb(conninfo);
    if (PQstatus(all[i]) != CONNECTION_OK) { fputs(PQerrorMessage(all[i]), stderr); return 2; }
    polls[i].fd = PQsocket(all[i]);
    polls[i].events = POLLIN;
  }
  char text[16];
  const char *values[1] = {text};
  for (int i = 0; i < width && started < count; i++) {
    snprintf(text, sizeof text, "%d", number[i] = ++started);
    PQsendQueryParams(all[i], "SELECT name FROM items WHERE id = $1", 1, NULL, values, NULL, NULL, 0);
  }
  while (finished < count) {
    poll(polls, width, 1000);
    for (int i = 0; i < width; i++) {
      if (!number[i] || !(polls[i].revents & POLLIN)) continue;
      PQconsumeInput(all[i]);
      if (PQisBusy(all[i])) continue;
      char wanted[32];
      PGresult *result;
      while ((result = PQgetResult(all[i]))) {
        snprintf(wanted, sizeof wanted, "item %d", number[i]);
        good += PQntuples(result) == 1 && !strcmp(PQgetvalue(result, 0, 0), wanted);
        PQclear(result);
      }
      finished++;
      number[i] = 0;
      if (started < count) {
        snprintf(text, sizeof text, "%d", number[i] = ++started);
        PQsendQueryParams(all[i], "SELECT name FROM items WHERE id = $1", 1, NULL, values, NULL, NULL, 0);
      }
    }
  }
  return good == count ? 0 : 1;
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  return !strcmp(argv[1], "http") ? http(argv[2], atoi(argv[3]), atoi(argv[4])) : sql(argv[2], atoi(argv[3]), atoi(argv[4]));
}
