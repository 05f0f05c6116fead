package dev.patronus.source.netflow.template;

import static dev.patronus.source.netflow.wire.Wire.u16;

import dev.patronus.source.netflow.wire.Drop;
import dev.patronus.source.netflow.wire.Wire;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads the definitions in a set of templates or options templates.
///
/// ```
/// template          id 2  fields 2            (element 2  length 2 [enterprise 4])*
/// options, v9       id 2  scope bytes 2  option bytes 2  (type 2  length 2)*
/// options, IPFIX    id 2  fields 2  scope fields 2       (element 2  length 2 [enterprise 4])*
/// withdrawal, IPFIX id 2  0 2
/// ```
///
/// A scope is read like any field: its elements are often put there by mistake, and the scopes of
/// v9 (system, interface, ...) have the numbers of elements that no options record is asked for.
///
/// Sources: RFC 3954 §5.2 and §6.1; RFC 7011 §3.4 and §8.1.
public final class TemplateSetParser {
  /// What is done with what was read.
  public interface Reader {
    /// Takes a template.
    ///
    /// @param fields how many the exporter named, read or not
    void defined(Template.Definition definition, int fields);

    /// A template no longer holds; or, with the id of the set itself, none of its kind does.
    void withdrawn(int id);

    void refused(Drop why);
  }

  private static final int ENTERPRISE = 0x8000;
  private static final int FIRST_ID = 256;

  private final byte[] bytes;
  private final int end;
  private final boolean ipfix;
  private final boolean options;
  private final Reader reader;
  private int at;

  private TemplateSetParser(
      byte[] bytes, int from, int end, boolean ipfix, boolean options, Reader reader) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
    this.ipfix = ipfix;
    this.options = options;
    this.reader = reader;
  }

  /// Reads the set whose content lies in `[from, end)`.
  public static void read(
      byte[] bytes, int from, int end, boolean ipfix, boolean options, Reader reader) {
    TemplateSetParser set = new TemplateSetParser(bytes, from, end, ipfix, options, reader);
    while (set.end - set.at >= 4 && set.readOne()) {}
  }

  /// Reads one definition; false if nothing after it can be trusted, or only padding is left.
  private boolean readOne() {
    int id = u16(bytes, at);
    int count = u16(bytes, at + 2);
    if (ipfix && count == 0 && (id >= FIRST_ID || id == (options ? 3 : 2))) {
      at += 4;
      reader.withdrawn(id);
      return true;
    }
    if (id == 0 && count == 0) {
      return false;
    }
    at += 4;
    return id < FIRST_ID
        ? refuse(Drop.MALFORMED_TEMPLATE)
        : options ? options(id, count) : fields(id, count);
  }

  private boolean options(int id, int count) {
    if (end - at < 2) {
      return refuse(Drop.MALFORMED_TEMPLATE);
    }
    int second = u16(bytes, at);
    at += 2;
    if (ipfix) {
      return fields(id, count);
    }
    boolean whole = count % 4 == 0 && second % 4 == 0 && count + second > 0;
    return whole ? fields(id, (count + second) / 4) : refuse(Drop.MALFORMED_TEMPLATE);
  }

  private boolean fields(int id, int count) {
    List<TemplateField> fields = new ArrayList<>();
    long length = 0;
    for (int i = 0; i < count; i++) {
      TemplateField field = field();
      if (field == null) {
        return refuse(Drop.MALFORMED_TEMPLATE);
      }
      length += field.length();
      if (i < Template.MAX_FIELDS) {
        fields.add(field);
      }
    }
    define(id, count, length, fields);
    return true;
  }

  private void define(int id, int count, long length, List<TemplateField> fields) {
    if (count > Template.MAX_FIELDS) {
      reader.refused(Drop.TEMPLATE_TOO_LARGE);
    } else if (length == 0) {
      reader.refused(Drop.MALFORMED_TEMPLATE); // its records would never end
    } else {
      reader.defined(new Template.Definition(id, options, fields), count);
    }
  }

  /// The next field, or null if it is cut off.
  private @Nullable TemplateField field() {
    if (end - at < 4) {
      return null;
    }
    int element = u16(bytes, at);
    int length = u16(bytes, at + 2);
    at += 4;
    if (!ipfix || (element & ENTERPRISE) == 0) {
      return new TemplateField(element, 0, length);
    }
    if (end - at < 4) {
      return null;
    }
    at += 4;
    return new TemplateField(element & ~ENTERPRISE, Wire.i32(bytes, at - 4), length);
  }

  private boolean refuse(Drop why) {
    reader.refused(why);
    return false;
  }
}
