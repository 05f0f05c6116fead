package dev.patronus.libc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.libc.NetlinkSocket.Received;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class NetlinkSocketTest {
  private static final int ROUTE = 0;
  private static final int NEW_LINK = 16;

  /// The request for all interfaces, which everybody may ask for.
  private static byte[] links() {
    ByteBuffer request = ByteBuffer.allocate(32).order(ByteOrder.nativeOrder());
    return request.putInt(32).putShort((short) 18).putShort((short) 0x301).array();
  }

  @Test
  void the_kernel_answers() throws IOException {
    try (NetlinkSocket socket = NetlinkSocket.open(ROUTE)) {
      socket.send(links());
      assertTrue(socket.await(Duration.ofSeconds(10)));
      Received.Messages answer = (Received.Messages) socket.receive();
      assertEquals(NEW_LINK, answer.bytes().getShort(4));
      assertTrue(answer.bytes().remaining() > 100, "" + answer);
    }
  }

  @Test
  void without_a_message_there_is_nothing() throws IOException {
    try (NetlinkSocket socket = NetlinkSocket.open(ROUTE)) {
      assertFalse(socket.await(Duration.ZERO));
      assertEquals(new Received.Nothing(), socket.receive());
    }
  }

  @Test
  void room_is_granted() throws IOException {
    try (NetlinkSocket socket = NetlinkSocket.open(ROUTE)) {
      assertTrue(socket.receiveBuffer(64 << 10) >= 64 << 10);
    }
  }

  @Test
  void a_protocol_that_is_not_there_is_said() {
    CallFailed failed = assertThrows(CallFailed.class, () -> NetlinkSocket.open(77));
    assertTrue(failed.getMessage().startsWith("socket: Protocol not supported"), failed::toString);
  }

  @Test
  void closing_twice_closes_once() throws IOException {
    NetlinkSocket socket = NetlinkSocket.open(ROUTE);
    socket.close();
    socket.close();
  }
}
