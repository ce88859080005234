import com.alipay.easysdk.kernel.Client;
import com.alipay.easysdk.kernel.Config;
import com.alipay.easysdk.kernel.Context;
import com.alipay.easysdk.kernel.util.AES;
import com.alipay.easysdk.kernel.util.AntCertificationUtil;
import com.alipay.easysdk.kernel.util.Signer;
import com.google.gson.Gson;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** Alipay's EasySDK, its kernel: signing text, form, order string, answers, notices, certificate serials, AES. */
@SuppressWarnings("unchecked")
final class Program {
  private static final String PROPERTIES = "/META-INF/maven/com.alipay.sdk/easysdk-kernel/pom.properties";

  private Program() {}

  public static void main(String[] arguments) throws Exception {
    Map<String, Lines.Operation> operations = new TreeMap<>();
    operations.put("sign_request", Program::signRequest);
    operations.put("verify_request", Program::verifyRequest);
    operations.put("order_string", Program::orderString);
    operations.put("form", Program::form);
    operations.put("sign_text", given -> new Signer().sign(text(given, "text"), key(given, "pkcs8")));
    operations.put("verify_answer", Program::verifyAnswer);
    operations.put("verify_notice", Program::verifyNotice);
    operations.put("certificate_serial", given -> Lines.asked(() -> AntCertificationUtil.getCertSN(text(given, "pem"))));
    operations.put("root_serial", given -> Lines.asked(() -> AntCertificationUtil.getRootCertSN(text(given, "pem"))));
    operations.put("encrypt", given -> AES.encrypt(text(given, "text"), text(given, "key")));
    operations.put("decrypt", given -> Lines.asked(() -> AES.decrypt(text(given, "text"), text(given, "key"))));
    Lines.serve(operations, version());
  }

  private static String signRequest(Map<String, Object> given) throws Exception {
    // `biz_content` as text: the SDK would write it from a map, with characters escaped for HTML.
    return client("https", "gateway.example").sign(new HashMap<>(), new HashMap<>(), params(given), key(given, "pkcs8"));
  }

  private static Boolean verifyRequest(Map<String, Object> given) throws Exception {
    Map<String, String> params = params(given);
    String sign = params.remove("sign");
    return Lines.asked(() -> Signer.verify(Signer.getSignCheckContent(params), sign, key(given, "spki")));
  }

  private static String orderString(Map<String, Object> given) throws Exception {
    Client client = client("https", "gateway.example");
    Map<String, String> params = params(given);
    String sign = client.sign(new HashMap<>(), new HashMap<>(), params, key(given, "pkcs8"));
    return client.generateOrderString(new HashMap<>(), new HashMap<>(), params, sign);
  }

  private static String form(Map<String, Object> given) throws Exception {
    String[] address = text(given, "gateway").replace("/gateway.do", "").split("://");
    Client client = client(address[0], address[1]);
    Map<String, String> system = params(given);
    Map<String, Object> content = new Gson().fromJson(system.remove("biz_content"), LinkedHashMap.class);
    String sign = client.sign(system, content, new HashMap<>(), key(given, "pkcs8"));
    return client.generatePage("POST", system, content, new HashMap<>(), sign);
  }

  private static Boolean verifyAnswer(Map<String, Object> given) throws Exception {
    return Lines.asked(
        () -> {
          Client client = client("https", "gateway.example");
          Map<String, Object> read = new Gson().fromJson(text(given, "body"), Map.class);
          read.put("http_body", text(given, "body"));
          read.put("method", text(given, "method"));
          client.toRespModel(read);
          return client.verify(read, key(given, "spki"));
        });
  }

  private static Boolean verifyNotice(Map<String, Object> given) throws Exception {
    Map<String, String> fields = new HashMap<>();
    for (String pair : text(given, "body").split("&")) {
      String[] halves = pair.split("=", 2);
      fields.put(decoded(halves[0]), decoded(halves[1]));
    }
    return Lines.asked(() -> client("https", "gateway.example").verifyParams(fields, key(given, "spki")));
  }

  private static Client client(String protocol, String host) throws Exception {
    Config config = new Config();
    config.protocol = protocol;
    config.gatewayHost = host;
    config.signType = "RSA2";
    config.appId = "2021000000000000";
    return new Client(new Context(config, "oracle"));
  }

  private static Map<String, String> params(Map<String, Object> given) {
    return new HashMap<>((Map<String, String>) given.get("params"));
  }

  private static String text(Map<String, Object> given, String name) {
    return (String) given.get(name);
  }

  private static String key(Map<String, Object> given, String form) {
    return ((Map<String, String>) given.get("key")).get(form);
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private static String version() throws Exception {
    Properties properties = new Properties();
    try (InputStream stream = Client.class.getResourceAsStream(PROPERTIES)) {
      properties.load(stream);
    }
    return properties.getProperty("version");
  }
}
