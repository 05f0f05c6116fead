package dev.patronus.source.netflow;

import dev.patronus.flow.IpAddress;
import dev.patronus.source.netflow.exporter.Exporter;
import dev.patronus.source.netflow.exporter.Exporters;
import dev.patronus.source.netflow.exporter.Rate;
import dev.patronus.source.netflow.exporter.Samplers;
import dev.patronus.source.netflow.exporter.Stream;
import dev.patronus.source.netflow.template.Template;
import dev.patronus.source.netflow.template.TemplateField;
import dev.patronus.source.netflow.wire.Timestamps;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Serializes the state of a decoder: templates, boot times and sampling rates of all exporters.
///
/// ```
/// saved 8  exporters 4 ( address 16
///   domains 4 ( domain 4  rate of the domain  samplers 4 ( id 8  rate )* )*
///   streams 4 ( port 4  version 4  domain 4  boot 8
///     templates 4 ( id 4  options 1  age 8  fields 4 ( element 4 enterprise 4 length 4 )* )* )* )*
/// rate: population 8 (0 for none)  sample 8
/// ```
///
/// Ages are milliseconds when it was saved; the time between runs is added by the wall clock.
final class DecoderStateCodec {
  private static final int RATE_BYTES = 2 * Long.BYTES;
  private static final int DOMAIN_BYTES = Integer.BYTES + RATE_BYTES;
  private static final int SAMPLER_BYTES = Long.BYTES + RATE_BYTES;
  private static final int STREAM_BYTES = 3 * Integer.BYTES + Long.BYTES;
  private static final int TEMPLATE_BYTES = Integer.BYTES + 1 + Long.BYTES;
  private static final int FIELD_BYTES = 3 * Integer.BYTES;

  private DecoderStateCodec() {}

  /// The serialized state of the admitted exporters. Their number depends on the memory that they
  /// take, so the size is bounded by the
  /// [MemoryBudget][dev.patronus.source.netflow.template.MemoryBudget], too.
  static byte[] write(Collection<Exporter> exporters, Timestamps now) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeLong(now.epochMillis());
      List<Exporter> admitted = exporters.stream().filter(Exporter::isAdmitted).toList();
      out.writeInt(admitted.size());
      for (Exporter exporter : admitted) {
        write(exporter, now, out);
      }
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
  }

  private static void write(Exporter exporter, Timestamps now, DataOutputStream out)
      throws IOException {
    out.writeLong(exporter.address().high());
    out.writeLong(exporter.address().low());
    out.writeInt(exporter.samplers().size());
    for (Map.Entry<Integer, Samplers> domain : exporter.samplers().entrySet()) {
      out.writeInt(domain.getKey());
      write(domain.getValue(), out);
    }
    out.writeInt(exporter.streams().size());
    for (Stream stream : exporter.streams()) {
      write(stream, now, out);
    }
  }

  private static void write(Samplers samplers, DataOutputStream out) throws IOException {
    write(samplers.announcedOfDomain(), out);
    out.writeInt(samplers.bySampler().size());
    for (Map.Entry<Long, Rate> sampler : samplers.bySampler().entrySet()) {
      out.writeLong(sampler.getKey());
      write(sampler.getValue(), out);
    }
  }

  private static void write(@Nullable Rate rate, DataOutputStream out) throws IOException {
    out.writeLong(rate == null ? 0 : rate.population());
    out.writeLong(rate == null ? 0 : rate.sample());
  }

  private static void write(Stream stream, Timestamps now, DataOutputStream out)
      throws IOException {
    out.writeInt(stream.id().port());
    out.writeInt(stream.id().version());
    out.writeInt(stream.id().domain());
    out.writeLong(stream.bootMillis());
    out.writeInt(stream.templates().all().size());
    for (Template template : stream.templates().all()) {
      out.writeInt(template.definition().id());
      out.writeBoolean(template.definition().options());
      out.writeLong(now.steadyMillis() - template.refreshedMillis());
      out.writeInt(template.definition().fields().size());
      for (TemplateField field : template.definition().fields()) {
        out.writeInt(field.element());
        out.writeInt(field.enterprise());
        out.writeInt(field.length());
      }
    }
  }

  /// Adds the serialized state to `exporters`, within their limits.
  ///
  /// @throws IOException if the bytes are truncated or invalid
  static void read(byte[] bytes, Exporters exporters, Timestamps now) throws IOException {
    try {
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
      long pauseMillis = Math.max(0, now.epochMillis() - in.readLong());
      for (int left = in.readInt(); left > 0; left--) {
        readExporter(in, exporters, now, now.steadyMillis() - pauseMillis);
      }
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /// What was saved of one exporter.
  ///
  /// @param epochMillis when it was saved
  /// @param bytes of that exporter, its address first
  @SuppressWarnings("ArrayRecordComponent") // never changed, never compared
  record Saved(long epochMillis, byte[] bytes) {
    /// Adds it to `exporters`, within their limits. Of a stream that is known there, the one whose
    /// templates came last is used.
    ///
    /// @throws IOException if the bytes are invalid
    void read(Exporters exporters, Timestamps now) throws IOException {
      try {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        long pauseMillis = Math.max(0, now.epochMillis() - epochMillis);
        readExporter(in, exporters, now, now.steadyMillis() - pauseMillis);
      } catch (IllegalArgumentException e) {
        throw new IOException(e.getMessage(), e);
      }
    }
  }

  /// Splits the serialized state by exporters.
  ///
  /// @throws IOException if the bytes are truncated; what came before was passed on
  static void split(byte[] bytes, BiConsumer<IpAddress, Saved> to) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    long epochMillis = in.readLong();
    for (int left = in.readInt(); left > 0; left--) {
      int from = bytes.length - in.available();
      IpAddress address = new IpAddress(in.readLong(), in.readLong());
      skipExporter(in);
      int until = bytes.length - in.available();
      to.accept(address, new Saved(epochMillis, Arrays.copyOfRange(bytes, from, until)));
    }
  }

  private static void skipExporter(DataInputStream in) throws IOException {
    for (int domains = in.readInt(); domains > 0; domains--) {
      in.skipNBytes(DOMAIN_BYTES);
      in.skipNBytes((long) SAMPLER_BYTES * in.readInt());
    }
    for (int streams = in.readInt(); streams > 0; streams--) {
      in.skipNBytes(STREAM_BYTES);
      for (int templates = in.readInt(); templates > 0; templates--) {
        in.skipNBytes(TEMPLATE_BYTES);
        in.skipNBytes((long) FIELD_BYTES * in.readInt());
      }
    }
  }

  private static void readExporter(
      DataInputStream in, Exporters exporters, Timestamps now, long savedMillis)
      throws IOException {
    Exporter exporter = exporters.of(new IpAddress(in.readLong(), in.readLong()));
    exporter.restored();
    Map<Integer, Samplers> samplers = new HashMap<>();
    for (int left = in.readInt(); left > 0; left--) {
      readSamplers(in, samplers.computeIfAbsent(in.readInt(), _ -> new Samplers()));
    }
    for (int left = in.readInt(); left > 0; left--) {
      Stream.Id id = new Stream.Id(in.readInt(), in.readInt(), in.readInt());
      long bootMillis = in.readLong();
      List<Template> templates = new ArrayList<>();
      for (int more = in.readInt(); more > 0; more--) {
        templates.add(readTemplate(in, savedMillis));
      }
      if (exporter.knowsSince(id) >= refreshedMillis(templates)) {
        continue; // it has come to this decoder since
      }
      Stream stream = exporter.stream(id.port(), id.version(), id.domain());
      exporters.decoded(exporter, stream, now.steadyMillis());
      stream.heard(now.steadyMillis());
      stream.bootedAt(bootMillis);
      Samplers announced = samplers.remove(id.domain());
      if (announced != null) {
        exporter.samplersGrown(stream, stream.samplers().addAll(announced));
      }
      templates.forEach(template -> exporter.define(stream, template));
    }
    exporters.keepWithinBudget();
  }

  /// When the last of these came, by the monotonic clock.
  private static long refreshedMillis(List<Template> templates) {
    return templates.stream().mapToLong(Template::refreshedMillis).max().orElse(Long.MIN_VALUE + 1);
  }

  private static void readSamplers(DataInputStream in, Samplers samplers) throws IOException {
    Rate ofDomain = readRate(in);
    if (ofDomain != null) {
      samplers.announce(ofDomain);
    }
    for (int left = in.readInt(); left > 0; left--) {
      long sampler = in.readLong();
      Rate rate = readRate(in);
      if (rate != null) {
        samplers.announce(sampler, rate);
      }
    }
  }

  private static @Nullable Rate readRate(DataInputStream in) throws IOException {
    long population = in.readLong();
    long sample = in.readLong();
    return population == 0 ? null : new Rate(population, sample, Rate.Origin.OPTIONS);
  }

  private static TemplateField readField(DataInputStream in) throws IOException {
    TemplateField field = new TemplateField(in.readInt(), in.readInt(), in.readInt());
    if (field.element() >>> Short.SIZE != 0 || field.length() >>> Short.SIZE != 0) {
      throw new IOException("element and length of a field have 16 bits, not as in " + field);
    }
    return field;
  }

  private static Template readTemplate(DataInputStream in, long savedMillis) throws IOException {
    int id = in.readInt();
    boolean options = in.readBoolean();
    long refreshedMillis = savedMillis - Math.max(0, in.readLong());
    int fields = in.readInt();
    if (fields < 1 || fields > Template.MAX_FIELDS) {
      throw new IOException("a template has 1.." + Template.MAX_FIELDS + " fields, not " + fields);
    }
    List<TemplateField> read = new ArrayList<>(fields);
    for (int i = 0; i < fields; i++) {
      read.add(readField(in));
    }
    Template.Definition definition = new Template.Definition(id, options, read);
    if (definition.fields().isEmpty()) {
      throw new IOException("a template has a length, this one has none");
    }
    return new Template(definition, Template.UNKNOWN_FIELDS, refreshedMillis);
  }
}
