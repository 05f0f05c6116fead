package dev.patronus.cli.watch;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jline.utils.Signals;

/// What the outside tells a watch, or another command that has something to show when it ends
/// early: to end (INT, TERM, HUP interrupt its thread), and that the window has another size (WINCH
/// wakes it). See signal(7).
///
/// Made on the command's thread; closing it gives the signals back to their previous handlers.
public final class WatchSignals implements AutoCloseable {
  private final Semaphore resized = new Semaphore(0);
  private final Map<String, Object> before = new LinkedHashMap<>();

  /// @param screen whether the size of the window matters
  public WatchSignals(boolean screen) {
    Thread watch = Thread.currentThread();
    for (String end : new String[] {"INT", "TERM", "HUP"}) {
      before.put(end, Signals.register(end, watch::interrupt));
    }
    if (screen) {
      before.put("WINCH", Signals.register("WINCH", resized::release));
    }
  }

  /// Waits so long, or until the window has another size; says whether it has.
  ///
  /// @throws InterruptedException if the watch is to end
  boolean awaitResize(long nanos) throws InterruptedException {
    boolean woken = resized.tryAcquire(Math.max(0, nanos), TimeUnit.NANOSECONDS);
    resized.drainPermits();
    return woken;
  }

  @Override
  public void close() {
    before.forEach(Signals::unregister);
  }
}
