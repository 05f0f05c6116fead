package dev.patronus.libc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.Tools;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnixDatagramTest {
  private static final String LISTENER =
      """
      import socket, sys
      s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
      name = sys.argv[1]
      s.bind('\\0' + name[1:] if name[0] == '@' else name)
      print('ready', flush=True)
      print(s.recv(1000).decode(), flush=True)
      """;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"notify.sock", "@abstract"})
  void a_datagram_arrives_whole(String name) throws IOException {
    Tools.require("python3");
    String path = name.startsWith("@") ? name + folder.hashCode() : folder.resolve(name).toString();
    Process listener =
        new ProcessBuilder("python3", "-c", LISTENER, path).redirectErrorStream(true).start();
    try (BufferedReader said =
        new BufferedReader(
            new InputStreamReader(listener.getInputStream(), StandardCharsets.UTF_8))) {
      assertEquals("ready", said.readLine());
      UnixDatagram.send(path, "READY=1\nSTATUS=grün");
      assertEquals("READY=1", said.readLine());
      assertEquals("STATUS=grün", said.readLine());
    } finally {
      listener.destroy();
    }
  }

  @Test
  void a_reader_that_does_not_read_keeps_nobody_waiting() throws IOException {
    Tools.require("python3");
    String path = folder.resolve("unread.sock").toString();
    String bound = LISTENER.replaceFirst("print\\(s.recv.*", "sys.stdin.read()");
    Process listener = new ProcessBuilder("python3", "-c", bound, path).start();
    try (BufferedReader said =
        new BufferedReader(
            new InputStreamReader(listener.getInputStream(), StandardCharsets.UTF_8))) {
      assertEquals("ready", said.readLine());
      IOException refused =
          assertThrows(
              IOException.class,
              () -> {
                for (int i = 0; i < 100_000; i++) {
                  UnixDatagram.send(path, "WATCHDOG=1");
                }
              });
      assertTrue(refused.getMessage().contains("temporarily unavailable"), refused.getMessage());
    } finally {
      listener.destroy();
    }
  }

  @Test
  void where_nobody_listens_the_system_says_why() {
    IOException failure =
        assertThrows(
            IOException.class,
            () -> UnixDatagram.send(folder.resolve("none").toString(), "READY=1"));
    assertTrue(failure.getMessage().contains("No such file"), failure.getMessage());
  }
}
