//! Query and reverse an order (wechat.md §4.4).

use super::account::{Account, Mode};
use super::body::{BodyFault, Object, Read};
use super::exchange::Draft;
use super::url;
use crate::text::{Charset, Fields, form};

/// How an order is named in a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderNumber {
    /// Ours, `out_trade_no`. An unpaid order can only be found by it.
    OutTradeNo(String),
    /// The channel's, `transaction_id`.
    TransactionId(String),
}

/// `GET …/out-trade-no/{}` or `GET …/id/{}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderQueryRequest {
    /// Which order.
    pub order: OrderNumber,
}

impl OrderQueryRequest {
    /// The call as it will be sent, unsigned.
    pub fn draft(&self, account: &Account) -> Draft {
        let rest = match &self.order {
            OrderNumber::OutTradeNo(number) => format!("/out-trade-no/{}", url::escaped(number)),
            OrderNumber::TransactionId(number) => format!("/id/{}", url::escaped(number)),
        };
        Draft::get(account.path(&rest), form::encode(&account.query(), Charset::Utf8))
    }

    pub(super) fn read(order: OrderNumber, query: &Fields, mode: Mode) -> Result<(Account, Self), BodyFault> {
        Ok((Account::from_query(query, mode)?, Self { order }))
    }
}

/// `POST …/out-trade-no/{}/reverse`. There is no `recall`: whatever is not 2xx is to be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReverseRequest {
    /// Our order number.
    pub out_trade_no: String,
}

impl ReverseRequest {
    /// The call as it will be sent, unsigned.
    pub fn draft(&self, account: &Account) -> Draft {
        let mut body = Object::default();
        account.write(&mut body);
        let rest = format!("/out-trade-no/{}/reverse", url::escaped(&self.out_trade_no));
        Draft::post(account.path(&rest), body.print())
    }

    pub(super) fn read(out_trade_no: String, body: &[u8], mode: Mode) -> Result<(Account, Self), BodyFault> {
        let mut read = Read::new(body)?;
        let account = Account::read(&mut read, mode)?;
        read.finish()?;
        // Only a provider may leave its application out.
        if account.appid.is_none() && mode == Mode::Merchant {
            return Err(BodyFault::Missing("appid"));
        }
        Ok((account, Self { out_trade_no }))
    }
}
