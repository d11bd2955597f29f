"""Twilio's REST API and webhooks for WhatsApp, as seen by an application."""
