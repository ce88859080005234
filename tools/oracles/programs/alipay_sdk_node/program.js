'use strict';
// alipay-sdk for Node.js: signs and verifies as a merchant's server does.

const http = require('node:http');
const crypto = require('node:crypto');
const path = require('node:path');
const { AlipaySdk } = require('alipay-sdk');
const { asked, serve } = require('../lines.js');

const folder = path.dirname(require.resolve('alipay-sdk'));
const util = require(path.join(folder, 'util.js'));
const { getSN } = require(path.join(folder, 'antcertutil.js'));
const { version } = require(path.join(folder, '..', '..', 'package.json'));

// The SDK wants keys where none is used.
const { privateKey: anyPrivate, publicKey: anyPublic } = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 });
const ANY_PAIR = {
  pkcs8: anyPrivate.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
  spki: anyPublic.export({ type: 'spki', format: 'der' }).toString('base64'),
};

function sdk({ key, publicKey, ...config }) {
  return new AlipaySdk({
    appId: '2021000000000000',
    privateKey: (key ?? ANY_PAIR).pkcs8,
    keyType: 'PKCS8',
    alipayPublicKey: publicKey ? publicKey.spki : undefined,
    camelcase: false,
    ...config,
  });
}

// The SDK takes `biz_content` as an object and fills in some parameters of its own; all are overridden.
function signed({ params, key, encrypted }) {
  const { biz_content: text, app_cert_sn: appCertSn, alipay_root_cert_sn: alipayRootCertSn, ...rest } = params;
  delete rest.encrypt_type;
  const config = { ...sdk({ key }).config, appId: params.app_id, appCertSn, alipayRootCertSn };
  const given = { ...rest, bizContent: JSON.parse(encrypted ? encrypted.text : text) };
  if (encrypted) {
    Object.assign(given, { needEncrypt: true });
    Object.assign(config, { encryptKey: encrypted.key });
  }
  return util.sign(params.method, given, config, { bizContentAutoSnakeCase: false });
}

/** Lets the SDK call a server of ours once; returns what it sent and what it made of the answer. */
async function called({ answer, config, call }) {
  let sent;
  const server = http.createServer((request, response) => {
    const pieces = [];
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', () => {
      sent = { target: request.url, method: request.method, headers: request.headers, body: Buffer.concat(pieces).toString() };
      response.writeHead(answer.status, answer.headers);
      response.end(Buffer.from(answer.body, 'base64'));
    });
  });
  await new Promise((ready) => { server.listen(0, '127.0.0.1', ready); });
  const address = `http://127.0.0.1:${server.address().port}`;
  try {
    const client = sdk({ ...config, gateway: `${address}/gateway.do`, endpoint: address });
    const said = await call(client);
    return { sent, said };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Fixes the moment and the nonce of whatever runs inside. */
async function at({ milliseconds, nonce }, run) {
  const [now, uuid] = [Date.now, crypto.randomUUID];
  Date.now = () => milliseconds;
  crypto.randomUUID = () => nonce;
  try {
    return await run();
  } finally {
    Object.assign(Date, { now });
    Object.assign(crypto, { randomUUID: uuid });
  }
}

const operations = {
  sign_request: (given) => signed(given).sign,

  verify_request: ({ params, key }) => asked(() => sdk({ publicKey: key }).checkNotifySignV2(params)),

  order_string({ params, key }) {
    const { biz_content: text, ...rest } = params;
    const client = sdk({ key, appId: params.app_id });
    return client.sdkExecute(params.method, { ...rest, bizContent: JSON.parse(text) });
  },

  form({ gateway, params, key }) {
    const { biz_content: text, method, ...rest } = params;
    const client = sdk({ key, appId: params.app_id, gateway });
    return client.pageExecute(method, 'POST', { ...rest, bizContent: JSON.parse(text) });
  },

  sign_text: ({ text, key }) => util.signatureV3(text, sdk({ key }).config.privateKey),

  verify_answer: ({ body, method, key }) => asked(() => {
    const member = `${method.replaceAll('.', '_')}_response`;
    const parsed = JSON.parse(body);
    if (!(parsed[member] ?? parsed.error_response)) throw new Error('no answer');
    const named = member in parsed ? member : 'error_response';
    sdk({ publicKey: key }).checkResponseSign(body, named, parsed.sign, '');
    return true;
  }),

  verify_notice: ({ body, key }) => asked(
    () => sdk({ publicKey: key }).checkNotifySignV2(Object.fromEntries(new URLSearchParams(body))),
  ),

  certificate_serial: ({ pem }) => asked(() => getSN(pem, false)),
  root_serial: ({ pem }) => asked(() => getSN(pem, true)),

  encrypt: ({ text, key }) => util.aesEncryptText(text, key),
  decrypt: ({ text, key }) => asked(() => util.aesDecryptText(text, key)),

  async v3_request({ key, app_id: appId, serials, nonce, milliseconds, method, target, body, encryptKey }) {
    // The server's answer is not signed: what counts is what it was sent.
    const { sent } = await at({ milliseconds, nonce }, () => called({
      answer: { status: 200, headers: {}, body: '' },
      config: { key, publicKey: ANY_PAIR, appId, encryptKey },
      call: (client) => {
        if (serials) Object.assign(client.config, { appCertSn: serials.app, alipayRootCertSn: serials.root });
        const options = body ? { body: JSON.parse(body), needEncrypt: Boolean(encryptKey) } : {};
        return client.curl(method, target, options).catch(() => null);
      },
    }));
    return sent;
  },

  v3_answer: ({ status, headers, body, key, serial, encryptKey }) => asked(async () => {
    const result = await called({
      answer: { status, headers, body },
      config: { publicKey: key, encryptKey },
      call: (client) => {
        if (serial) Object.assign(client.config, { alipayCertSn: serial });
        return client.curl('POST', '/v3/alipay/trade/query', { body: {}, needEncrypt: Boolean(encryptKey) });
      },
    });
    return result.said.data;
  }),
};

serve(operations, version);
