'use strict';
// wechatpay-node-v3: a third opinion on signatures, notices and ciphers.

const WxPay = require('wechatpay-node-v3');
const { version } = require('wechatpay-node-v3/package.json');
const { asked, serve } = require('../lines.js');

function pem(kind, base64) {
  return `-----BEGIN ${kind}-----\n${base64}\n-----END ${kind}-----\n`;
}

function client({ key, mchid = '1900000000', serial = 'ANY', keys = {} }) {
  const pay = new WxPay({
    appid: 'wx0000000000000000',
    mchid,
    serial_no: serial,
    publicKey: Buffer.from('not looked at, the serial number is given'),
    privateKey: Buffer.from(pem('PRIVATE KEY', key ? key.pkcs8 : '')),
  });
  // An unknown serial makes it fetch certificates; nobody is there.
  pay.createHttp({ get: async () => ({ status: 500 }) });
  WxPay.certificates = Object.fromEntries(
    Object.entries(keys).map(([id, { spki }]) => [id, pem('PUBLIC KEY', spki)]),
  );
  return pay;
}

async function verified({ headers, body, keys }) {
  const accepted = await client({ keys }).verifySign({
    timestamp: headers['wechatpay-timestamp'],
    nonce: headers['wechatpay-nonce'],
    serial: headers['wechatpay-serial'],
    signature: headers['wechatpay-signature'],
    body,
    apiSecret: 'none',
  });
  if (!accepted) throw new Error('signature');
}

const operations = {
  authorization({ mchid, serial, key, method, target, body, timestamp, nonce }) {
    const pay = client({ key, mchid, serial });
    const signature = pay.getSignature(method, nonce, `${timestamp}`, target, body ? JSON.parse(body) : undefined);
    return { header: pay.getAuthorization(nonce, `${timestamp}`, signature), body };
  },

  jsapi: ({ appid, timestamp, nonce, prepay_id: id, key }) => client({ key }).sign(
    [appid, timestamp, nonce, `prepay_id=${id}`, ''].join('\n'),
  ),

  app: ({ appid, timestamp, nonce, prepay_id: id, key }) => client({ key }).sign([appid, timestamp, nonce, id, ''].join('\n')),

  sign_text: ({ text, key }) => client({ key }).sha256WithRsa(text),

  verify_answer: (given) => asked(async () => {
    await verified(given);
    return true;
  }),

  verify_notice: (given) => asked(async () => {
    await verified(given);
    const { resource: { ciphertext, nonce, associated_data: aad } } = JSON.parse(given.body);
    const opened = client({}).decipher_gcm(ciphertext, aad, nonce, given.apiv3_key);
    if (typeof opened !== 'object') throw new Error('not JSON');
    return opened;
  }),

  seal_field: ({ text, key: { spki } }) => client({}).publicEncrypt(text, pem('PUBLIC KEY', spki)),
};

serve(operations, version);
