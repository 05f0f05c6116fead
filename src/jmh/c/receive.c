/*
 * The least that a receiver of flow export can do: takes datagrams from a UDP port on loopback, up
 * to 64 at a time (recvmmsg(2)), adds up their bytes and drops them.
 *
 *     receive PORT BUFFER_BYTES
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
  unsigned long long bytes = 0;

  if (argc != 3) {
    fprintf(stderr, "usage: receive PORT BUFFER_BYTES\n");
    return 2;
  }
  int buffer = atoi(argv[2]);
  int port = socket(AF_INET, SOCK_DGRAM, 0);
  local.sin_port = htons((unsigned short) atoi(argv[1]));
  local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (port < 0 || setsockopt(port, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer) != 0 ||
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
    }
    if (bytes == 1) { /* so that the sum is not left out */
      puts("a single byte");
    }
  }
}
