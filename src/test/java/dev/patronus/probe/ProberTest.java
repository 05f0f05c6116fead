package dev.patronus.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProberTest {
  private static final Duration FAST = Duration.ofMillis(10);
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final Duration SHORT = Duration.ofMillis(50);

  private static UdpProbe socket(int port) throws IOException {
    return UdpProbe.open(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port), Optional.empty());
  }

  private static ProbeResult run(EchoService service, int count, Duration timeout)
      throws IOException {
    try (UdpProbe socket = socket(service.port())) {
      return new Prober(new ProbePlan(count, FAST, timeout)).run(socket);
    }
  }

  @Test
  void every_request_that_comes_back_is_timed() throws Exception {
    try (EchoService service = EchoService.start()) {
      ProbeResult result = run(service, 20, LONG);
      assertEquals(20, result.sent());
      assertEquals(20, result.received());
      assertTrue(result.lowestMillis().getAsDouble() > 0, result::toString);
      assertEquals(Optional.empty(), result.error());
    }
  }

  @Test
  void requests_that_do_not_come_back_are_lost() throws Exception {
    try (EchoService service =
        EchoService.answering(number ->
            number % 4 == 1 ? new String[0] : new String[] {"PATRONUS_PROBE_" + number})) {
      ProbeResult result = run(service, 8, Duration.ofSeconds(5));
      assertEquals(8, result.sent());
      assertEquals(6, result.received());
      assertEquals(25.0, result.lossPercent().getAsDouble());
    }
  }

  @Test
  void a_reply_that_comes_twice_counts_once() throws Exception {
    try (EchoService service =
        EchoService.answering(
            number -> new String[] {"PATRONUS_PROBE_" + number, "PATRONUS_PROBE_" + number})) {
      assertEquals(5, run(service, 5, LONG).received());
    }
  }

  @Test
  void what_is_no_reply_is_none() throws Exception {
    try (EchoService service =
        EchoService.answering(_ ->
            new String[] {
              "PATRONUS_PROBE_4711", "PATRONUS_PROBE_-1", "PATRONUS_PROBE_99999999999", "x", ""
            })) {
      ProbeResult result = run(service, 3, SHORT);
      assertEquals(3, result.sent());
      assertEquals(0, result.received());
    }
  }

  /// The third request is answered by the number of the first, whose time is over by then.
  @Test
  void a_reply_after_the_time_is_over_does_not_count() throws Exception {
    try (EchoService service =
        EchoService.answering(
            number -> number == 9 ? new String[] {"PATRONUS_PROBE_0"} : new String[0])) {
      ProbeResult result = run(service, 10, SHORT);
      assertEquals(10, result.sent());
      assertEquals(0, result.received());
    }
  }

  @Test
  void a_closed_port_is_an_error_and_no_reply() throws Exception {
    int port;
    try (DatagramSocket free = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    try (UdpProbe socket = socket(port)) {
      ProbeResult result = new Prober(new ProbePlan(3, FAST, SHORT)).run(socket);
      assertEquals(0, result.received());
      assertEquals(Optional.of("nothing listens on the port"), result.error());
    }
  }

  /// Requests 0 and 1 are answered; those after them are not, and 2 interrupts the series long
  /// before its time is over.
  @Test
  void an_interrupted_series_counts_what_is_known() throws Exception {
    Thread series = Thread.currentThread();
    try (EchoService service =
        EchoService.answering(number -> {
          if (number == 2) {
            series.interrupt();
          }
          return number < 2 ? new String[] {"PATRONUS_PROBE_" + number} : new String[0];
        })) {
      ProbeResult result = run(service, 1000, LONG);
      assertTrue(Thread.interrupted());
      assertEquals(2, result.received());
      assertEquals(2, result.sent());
    }
  }

  @Test
  void a_plan_has_limits() {
    assertThrows(IllegalArgumentException.class, () -> new ProbePlan(0, FAST, SHORT));
    assertThrows(IllegalArgumentException.class, () -> new ProbePlan(10_001, FAST, SHORT));
    assertThrows(
        IllegalArgumentException.class, () -> new ProbePlan(1, Duration.ofMillis(9), SHORT));
    assertThrows(IllegalArgumentException.class, () -> new ProbePlan(1, FAST, Duration.ZERO));
    assertThrows(
        IllegalArgumentException.class, () -> new ProbePlan(1, FAST, Duration.ofSeconds(61)));
  }
}
