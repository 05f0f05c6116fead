package dev.patronus.source.netflow.exporter;

/// One numbered stream of datagrams: from one port of an exporter, in one version and observation
/// domain, with templates of its own.
///
/// Confined to the decoder's thread.
public final class Stream {
  /// What tells the streams of an exporter apart.
  public record Id(int port, int version, int domain) {}

  private final Id id;
  private final Samplers samplers;
  private SequenceGaps sequence = new SequenceGaps();
  private final TemplateCache templates = new TemplateCache();
  private long bootMillis;
  private long heardMillis;
  private boolean admitted;

  Stream(Id id, Samplers samplers) {
    this.id = id;
    this.samplers = samplers;
  }

  public Id id() {
    return id;
  }

  public Samplers samplers() {
    return samplers;
  }

  public SequenceGaps sequence() {
    return sequence;
  }

  void forgetSequence() {
    sequence = new SequenceGaps();
  }

  public TemplateCache templates() {
    return templates;
  }

  /// When its last datagram came, by the monotonic clock.
  long heardMillis() {
    return heardMillis;
  }

  public void heard(long millis) {
    heardMillis = millis;
  }

  /// Whether something of it was decoded and it was admitted for that.
  boolean isAdmitted() {
    return admitted;
  }

  void admit() {
    admitted = true;
  }

  /// When the exporter booted, epoch milliseconds by its clock (IE 160); 0 if it did not say.
  public long bootMillis() {
    return bootMillis;
  }

  public void bootedAt(long millis) {
    bootMillis = millis;
  }
}
