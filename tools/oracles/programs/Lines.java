import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Answers one JSON object a line on standard input with one on standard output. */
final class Lines {
  interface Operation {
    Object run(Map<String, Object> details) throws Exception;
  }

  /** What an SDK says no to; anything else that is thrown is a fault of the program. */
  static final class Refused extends Exception {
    Refused(Throwable cause) {
      super(cause.getClass().getSimpleName() + ": " + cause.getMessage());
    }
  }

  interface Question<T> {
    T ask() throws Exception;
  }

  private static final Gson GSON = new GsonBuilder().serializeNulls().disableHtmlEscaping().create();

  private Lines() {}

  /** Runs what asks the SDK for a verdict or a value: whatever it throws is its refusal. */
  static <T> T asked(Question<T> question) throws Refused {
    try {
      return question.ask();
    } catch (Exception | LinkageError error) {
      throw new Refused(error);
    }
  }

  static void serve(Map<String, Operation> operations, String version) throws Exception {
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      answers.println(GSON.toJson(answer(operations, version, line)));
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> answer(
      Map<String, Operation> operations, String version, String line) {
    try {
      Map<String, Object> details = GSON.fromJson(line, Map.class);
      String what = (String) details.remove("do");
      if (what.equals("hello")) {
        return said("value", Map.of("version", version, "can", List.copyOf(operations.keySet())));
      }
      return said("value", operations.get(what).run(details));
    } catch (Refused refusal) {
      return said("refused", refusal.getMessage());
    } catch (Throwable fault) {
      StringWriter trace = new StringWriter();
      fault.printStackTrace(new PrintWriter(trace));
      return said("broken", trace.toString());
    }
  }

  private static Map<String, Object> said(String name, Object thing) {
    Map<String, Object> whole = new java.util.HashMap<>();
    whole.put(name, thing);
    return whole;
  }
}
