import static java.lang.constant.ConstantDescs.CLASS_INIT_NAME;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// Rewrites Jackson's parser so that it does not load `BigDecimal` before a number needs it.
///
/// Initializing `BigDecimal` takes 13 to 28 ms on JDK 25, and Jackson's parser has four constants
/// of it (`BD_MIN_LONG` and so on), each made of one of `BigInteger` (`BI_MIN_LONG`). Here each use
/// of such a constant makes a new one, with the same value, and the parser's initializer leaves
/// them out. Only `getIntValue` and `getLongValue` of a decimal number use them.
final class DecimalConstants implements CodeTransform {
  private static final ClassDesc DECIMAL = ClassDesc.of("java.math.BigDecimal");
  private static final ClassDesc INTEGER = ClassDesc.of("java.math.BigInteger");
  private static final MethodTypeDesc OF_INTEGER =
      MethodTypeDesc.of(ConstantDescs.CD_void, INTEGER);
  private static final String PREFIX = "BD_";

  private final boolean initializer;
  private boolean leavingOut;

  private DecimalConstants(boolean initializer) {
    this.initializer = initializer;
  }

  /// Rewrites a class in place.
  ///
  /// @throws IllegalStateException if it has no such constants
  static void replaceIn(Path file) throws IOException {
    byte[] before = Files.readAllBytes(file);
    ClassFile format = ClassFile.of();
    byte[] after =
        format.transformClass(
            format.parse(before),
            (builder, element) -> {
              if (element instanceof MethodModel method) {
                boolean initializer = method.methodName().equalsString(CLASS_INIT_NAME);
                builder.transformMethod(
                    method, MethodTransform.transformingCode(new DecimalConstants(initializer)));
              } else {
                builder.with(element);
              }
            });
    if (Arrays.equals(before, after)) {
      throw new IllegalStateException(file + " has no constants of BigDecimal");
    }
    Files.write(file, after);
  }

  @Override
  public void accept(CodeBuilder code, CodeElement element) {
    if (initializer) {
      initialize(code, element);
    } else if (element instanceof FieldInstruction field && isConstant(field, Opcode.GETSTATIC)) {
      String integer = field.name().stringValue().replace(PREFIX, "BI_");
      code.new_(DECIMAL)
          .dup()
          .getstatic(field.owner().asSymbol(), integer, INTEGER)
          .invokespecial(DECIMAL, ConstantDescs.INIT_NAME, OF_INTEGER);
    } else {
      code.with(element);
    }
  }

  /// Leaves out what makes the constants: from `new BigDecimal` to the assignment.
  private void initialize(CodeBuilder code, CodeElement element) {
    leavingOut |=
        element instanceof NewObjectInstruction made && made.className().asSymbol().equals(DECIMAL);
    if (!leavingOut) {
      code.with(element);
    }
    leavingOut &=
        !(element instanceof FieldInstruction field && isConstant(field, Opcode.PUTSTATIC));
  }

  private static boolean isConstant(FieldInstruction field, Opcode opcode) {
    return field.opcode() == opcode
        && field.name().stringValue().startsWith(PREFIX)
        && field.typeSymbol().equals(DECIMAL);
  }
}
