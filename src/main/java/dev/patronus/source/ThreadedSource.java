package dev.patronus.source;

/// A source with one thread of its own, named for it: what all of them have in common.
///
/// Safe from any thread.
public abstract class ThreadedSource implements Source {
  /// Where the work is done.
  protected final SourceThread thread;

  private final String name;

  protected ThreadedSource(SourceUri uri) {
    name = uri.text();
    thread = new SourceThread(name);
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final Health health() {
    return thread.health();
  }

  @Override
  public final Health awaitEnd() throws InterruptedException {
    return thread.awaitEnd();
  }
}
