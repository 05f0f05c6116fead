/*
 * The least that a receiver of flow export can do: takes datagrams from a UDP port on loopback, up
 * to 64 at a time (recvmmsg(2)), adds up their lengths and drops them. Several of them can share the
 * port. With a number of passes it goes through the bytes of each datagram so often, one after the
 * other, as a stand-in for work.
 *
 *     receive PORT BUFFER_BYTES [PASSES]
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define BATCH 64
#define DATAGRAM_MAX 2048

int main(int argc, char **argv) {
  static char buffers[BATCH][DATAGRAM_MAX];
  struct mmsghdr messages[BATCH];
  struct iovec parts[BATCH];
  struct sockaddr_in local = {.sin_family = AF_INET};
  unsigned long long bytes = 0, hash = 0;

  if (argc != 3 && argc != 4) {
    fprintf(stderr, "usage: receive PORT BUFFER_BYTES [PASSES]\n");
    return 2;
  }
  int buffer = atoi(argv[2]), passes = argc == 4 ? atoi(argv[3]) : 0, shared = 1;
  int port = socket(AF_INET, SOCK_DGRAM, 0);
  local.sin_port = htons((unsigned short) atoi(argv[1]));
  local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (port < 0 || setsockopt(port, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer) != 0 ||
      setsockopt(port, SOL_SOCKET, SO_REUSEPORT, &shared, sizeof shared) != 0 ||
      bind(port, (struct sockaddr *) &local, sizeof local) != 0) {
    perror("receive");
    return 1;
  }
  memset(messages, 0, sizeof messages);
  for (int i = 0; i < BATCH; i++) {
    parts[i] = (struct iovec) {.iov_base = buffers[i], .iov_len = DATAGRAM_MAX};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  for (;;) {
    int count = recvmmsg(port, messages, BATCH, MSG_WAITFORONE, NULL);
    if (count < 0) {
      perror("receive");
      return 1;
    }
    for (int i = 0; i < count; i++) {
      bytes += messages[i].msg_len;
      for (int pass = 0; pass < passes; pass++) {
        for (unsigned at = 0; at < messages[i].msg_len; at++) {
          hash = hash * 31 + (unsigned char) buffers[i][at];
        }
      }
    }
    if (bytes == 1 || hash == 1) { /* so that neither is left out */
      puts("a single byte");
    }
  }
}
