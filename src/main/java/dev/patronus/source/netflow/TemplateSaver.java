package dev.patronus.source.netflow;

import static java.lang.System.Logger.Level.WARNING;

import dev.patronus.metrics.Counter;
import dev.patronus.source.netflow.wire.Timestamps;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Saves the state of a decoder to its [TemplateFile].
///
/// What is new is written within a second, the times of refreshes every ten minutes. Writing
/// happens on a separate thread, one at a time, so that the receiver never waits for a disk. A file
/// that cannot be read or written is logged once and counted each time. Confined to the thread of
/// the decoder.
final class TemplateSaver {
  private static final System.Logger LOG = System.getLogger(TemplateSaver.class.getName());
  private static final long REFRESHES_MILLIS = 600_000;

  private final Receivers receivers;
  private final int receiver;
  private final TemplateFile store;
  private final Decoder decoder;
  private final Counter failures;
  private boolean loaded;
  private boolean changed;
  private long savedMillis;
  private @Nullable Thread writer;
  private volatile boolean failureSaid;
  private volatile boolean cleaning;

  /// @param receiver whose decoder it is
  TemplateSaver(Receivers receivers, int receiver, Decoder decoder, Counter failures) {
    this.receivers = receivers;
    this.receiver = receiver;
    this.store = receivers.templates(receiver);
    this.decoder = decoder;
    this.failures = failures;
  }

  /// Loads the state of the previous run; does nothing the second time. The first receiver also
  /// takes over that of receivers that are gone, and removes their files once its own has it.
  void load(Timestamps now) {
    if (loaded) {
      return;
    }
    loaded = true;
    savedMillis = now.steadyMillis();
    load(store, now);
    for (int gone = receivers.count() + 1; receiver == 1 && gone <= Receivers.MOST; gone++) {
      if (load(receivers.templates(gone), now)) {
        changed = true;
        cleaning = true;
      }
    }
  }

  /// @return whether there was anything
  private boolean load(TemplateFile file, Timestamps now) {
    try {
      byte[] content = file.load();
      if (content.length > 0) {
        decoder.restore(content, now);
      }
      return content.length > 0;
    } catch (IOException e) {
      failed("templates of the last run are not used: ", e);
      return true;
    }
  }

  /// Starts a write if there is new state. To be called regularly.
  void keep(Timestamps now) {
    changed |= decoder.takeLearned();
    boolean due = changed || now.steadyMillis() - savedMillis >= REFRESHES_MILLIS;
    if (due && (writer == null || !writer.isAlive())) {
      byte[] content = decoder.memory(now);
      changed = false;
      savedMillis = now.steadyMillis();
      writer = Thread.ofVirtual().name("templates to disk").start(() -> write(content));
    }
  }

  /// Writes all state, and waits for the write.
  void finish(Timestamps now) {
    if (writer != null) {
      join(writer);
    }
    write(decoder.memory(now));
  }

  private static void join(Thread writer) {
    try {
      writer.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void write(byte[] content) {
    try {
      store.save(content);
      failureSaid = false;
      clean();
    } catch (IOException | RuntimeException e) {
      failed("templates are not kept for the next run: ", e);
    }
  }

  private void clean() throws IOException {
    if (cleaning) {
      cleaning = false;
      for (int gone = receivers.count() + 1; gone <= Receivers.MOST; gone++) {
        receivers.templates(gone).delete();
      }
    }
  }

  private void failed(String what, Exception e) {
    failures.increment();
    if (!failureSaid) {
      failureSaid = true;
      LOG.log(WARNING, what + e.getMessage());
    }
  }
}
