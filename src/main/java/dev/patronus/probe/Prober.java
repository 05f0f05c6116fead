package dev.patronus.probe;

import dev.patronus.error.ErrorText;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Sends requests at an interval, whether they are answered or not, and times the replies.
///
/// For one thread, whose interrupt ends the series early: requests whose time is not over by then
/// are not counted.
public final class Prober {
  /// How soon an interrupt is noticed.
  private static final long SLICE_NANOS = 50_000_000;

  /// The round trip of a request that is not answered yet, and of one whose time is over.
  private static final long PENDING = -1;

  private static final long LOST = -2;

  private final ProbePlan plan;
  private final long[] sentAt;
  private final long[] roundTrips;
  private Optional<String> error = Optional.empty();
  private int sent;
  private int settled;

  public Prober(ProbePlan plan) {
    this.plan = plan;
    this.sentAt = new long[plan.count()];
    this.roundTrips = new long[plan.count()];
    Arrays.fill(roundTrips, PENDING);
  }

  /// Runs a short series within this machine, so that the first request of the real one is not
  /// measured together with the loading of code. What goes wrong harms nothing.
  ///
  /// @param like a socket of the kind that will be used
  public static void warmUp(ProbeSocket like) {
    ProbePlan plan = new ProbePlan(5, ProbePlan.INTERVAL_MIN, Duration.ofMillis(50));
    try (ProbeSocket loopback = like.loopback()) {
      ProbeResult _ = new Prober(plan).run(loopback);
    } catch (IOException _) {
      // for example, the loopback interface is down
    }
  }

  /// Runs the series to its end, or until the thread is interrupted, which it stays.
  public ProbeResult run(ProbeSocket socket) {
    long next = System.nanoTime();
    while (!Thread.currentThread().isInterrupted()) {
      long now = System.nanoTime();
      expire(now);
      if (sent < plan.count() && now - next >= 0) {
        send(socket);
        next += plan.interval().toNanos();
      } else if (settled == plan.count()) {
        break;
      } else {
        receive(socket, Math.clamp(wait(now, next), 0, SLICE_NANOS));
      }
    }
    return result();
  }

  private void send(ProbeSocket socket) {
    sentAt[sent] = System.nanoTime();
    sent++;
    try {
      socket.send(sent - 1);
    } catch (IOException e) {
      error = Optional.of(reason(e));
    }
  }

  private void receive(ProbeSocket socket, long nanos) {
    OptionalInt number;
    try {
      number = socket.receive(Duration.ofNanos(nanos));
    } catch (IOException e) {
      error = Optional.of(reason(e));
      return;
    }
    long at = System.nanoTime();
    if (number.isPresent() && isPending(number.getAsInt())) {
      long roundTrip = at - sentAt[number.getAsInt()];
      if (roundTrip <= plan.timeout().toNanos()) {
        roundTrips[number.getAsInt()] = roundTrip;
        advance();
      }
    }
  }

  private boolean isPending(int number) {
    return number >= 0 && number < sent && roundTrips[number] == PENDING;
  }

  /// Marks the requests whose time is over.
  private void expire(long now) {
    for (int i = settled; i < sent && now - sentAt[i] > plan.timeout().toNanos(); i++) {
      if (roundTrips[i] == PENDING) {
        roundTrips[i] = LOST;
      }
    }
    advance();
  }

  private void advance() {
    while (settled < sent && roundTrips[settled] != PENDING) {
      settled++;
    }
  }

  /// Nanoseconds until there is something to do but to receive.
  private long wait(long now, long next) {
    long send = sent < plan.count() ? next - now : Long.MAX_VALUE;
    long expiry =
        settled < sent ? sentAt[settled] + plan.timeout().toNanos() + 1 - now : Long.MAX_VALUE;
    return Math.min(send, expiry);
  }

  private ProbeResult result() {
    List<Long> answered = new ArrayList<>();
    int known = 0;
    for (int i = 0; i < sent; i++) {
      known += roundTrips[i] == PENDING ? 0 : 1;
      if (roundTrips[i] >= 0) {
        answered.add(roundTrips[i]);
      }
    }
    return new ProbeResult(known, answered, error);
  }

  /// Why, without the name of the call: `No route to host`.
  public static String reason(IOException e) {
    return ErrorText.of(e).replaceFirst("^[a-z]+: ", "");
  }
}
