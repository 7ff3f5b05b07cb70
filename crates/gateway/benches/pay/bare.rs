//! The bare side: the same signed request over the same transport to the same port, its answer verified; nothing is kept.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use gateway::clock::{Clock, Entropy, SystemEntropy, WallClock};
use gateway::dialects::alipay::{Alipay, Shop};
use gateway::dialects::wechat_v2::WechatV2;
use gateway::dialects::{Asking, Dialect};
use gateway::sandbox::material::{self, Material};
use gateway::store::Sale as Words;
use gateway::transport::https::{Endpoint, Host, Https};
use gateway::transport::tls::Roots;
use gateway::transport::{Destination, Transport};
use payment::auth_code::AuthCode;
use payment::exchange::{Answer, Call, SubmitAnswer};
use payment::ids::{ChannelOrderNo, MerchantCode, Namespace, OrderNo, PaymentId};
use payment::money::Fen;
use payment::payment::Intent;
use wire::alipay::{App, Trust};
use wire::sign::{ApiKey, SigningKey, V2SignType, VerifyingKey};
use wire::wechat_v2::V2Merchant;

use crate::messages::{Lane, Sale};

pub(crate) struct Bare {
    transport: Https,
    clock: Arc<dyn Clock>,
    dialects: BTreeMap<Lane, Box<dyn Dialect>>,
    namespace: Namespace,
    merchant: MerchantCode,
}

impl Bare {
    /// The accounts of the simulator in `folder`, whose channels listen at `address`.
    pub(crate) fn new(folder: &Path, address: &str) -> anyhow::Result<Bare> {
        let made = material::open(folder, &SystemEntropy)?;
        let (name, port) = address.rsplit_once(':').context("host and port")?;
        let host = Host { name: name.to_owned(), port: port.parse()?, path: String::new() };
        let endpoints = Lane::ALL.map(|lane| Endpoint {
            account: lane.word().to_owned(),
            hosts: vec![host.clone()],
            roots: Roots::Pem(made.ca_pem.clone()),
            identity: None,
            proxy: None,
        });
        let clock: Arc<dyn Clock> = Arc::new(WallClock::start());
        let wechat: Box<dyn Dialect> = Box::new(WechatV2::new(wechat(&made)?, "127.0.0.1".to_owned()));
        let alipay: Box<dyn Dialect> = Box::new(Alipay::new(alipay(&made)?, Shop::default()));
        Ok(Bare {
            transport: Https::new(endpoints.into(), Arc::clone(&clock))?,
            clock,
            dialects: BTreeMap::from([(Lane::WechatV2, wechat), (Lane::Alipay, alipay)]),
            namespace: Namespace::parse("BARE")?,
            merchant: MerchantCode::parse("bare")?,
        })
    }

    pub(crate) async fn pay(&self, sale: &Sale) -> anyhow::Result<String> {
        let dialect = &self.dialects[&sale.lane];
        let intent = self.intent(sale, dialect.as_ref())?;
        let code = AuthCode::parse(&sale.code)?;
        let mut nonce = [0; 16];
        SystemEntropy.fill(&mut nonce);
        let asking = Asking {
            call: Call::Submit,
            intent: &intent,
            sale: &Words::default(),
            refund: None,
            code: Some(&code),
            now: self.clock.now(),
            nonce,
        };
        let outgoing = dialect.request(&asking);
        let destination = Destination {
            account: intent.account.clone(),
            host: 0,
            client_certificate: outgoing.client_certificate,
            pooled: false,
        };
        let connection = self.transport.connect(destination).await?;
        let response = connection.send(outgoing.request).await?;
        match dialect.answer(self.clock.now(), Call::Submit, &intent, None, &response) {
            Answer::Submit(SubmitAnswer::Paid(facts)) if facts.amount == intent.amount => {
                Ok(intent.channel_order_no.as_str().to_owned())
            }
            other => bail!("{other:?}"),
        }
    }

    fn intent(&self, sale: &Sale, dialect: &dyn Dialect) -> anyhow::Result<Intent> {
        let now = self.clock.now();
        let mut random = [0; 10];
        SystemEntropy.fill(&mut random);
        let order_no = OrderNo::parse(&sale.order_no)?;
        Ok(Intent {
            id: PaymentId::new(now.0, random),
            channel_order_no: ChannelOrderNo::derive(self.namespace, &self.merchant, &order_no, 1),
            merchant: self.merchant.clone(),
            order_no,
            attempt: 1,
            amount: Fen::payable(sale.amount)?,
            account: sale.lane.word().to_owned(),
            channel: dialect.channel(),
            payee: dialect.payee(),
            opened_at: now,
        })
    }
}

fn wechat(made: &Material) -> anyhow::Result<V2Merchant> {
    Ok(V2Merchant {
        appid: made.wechat.appid.clone(),
        mch_id: made.wechat.mch_id.clone(),
        sub_appid: None,
        sub_mch_id: None,
        channel_id: None,
        key: ApiKey::new(&made.wechat.api_key)?,
        sign_type: V2SignType::from_name("MD5").context("MD5")?,
    })
}

fn alipay(made: &Material) -> anyhow::Result<App> {
    Ok(App {
        app_id: made.alipay.app_id.clone(),
        signing_key: SigningKey::from_pem_or_base64(&made.alipay.app_private_key)?,
        trust: Trust::Key(VerifyingKey::from_pem_or_base64(&made.alipay.alipay_public_key)?),
        seller_id: Some(made.alipay.seller_id.clone()),
        app_auth_token: None,
        aes_key: None,
    })
}
